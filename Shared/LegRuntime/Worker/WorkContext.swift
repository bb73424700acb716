// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Logging
import Synchronization

/// What work says while it runs. All of it is cheap and may be called from anywhere.
public struct WorkContext: Sendable {
    /// The worker.
    public let instance: String
    /// The lane that the worker races in.
    public let lane: RaceLane
    /// Carries baton, leg, duty, attempt and trace.
    public let logger: Logger
    let diary: WorkDiary

    /// For tests of a leg's work; `said` is what was reported.
    public init(instance: String, lane: RaceLane, logger: Logger) {
        self.init(instance: instance, lane: lane, logger: logger, diary: WorkDiary())
    }

    init(instance: String, lane: RaceLane, logger: Logger, diary: WorkDiary) {
        self.instance = instance
        self.lane = lane
        self.logger = logger
        self.diary = diary
    }

    /// Says how far the work is, 0 to 1, and what is being done. The last one is repeated every 250 ms
    /// (`RELAY_PROGRESS_INTERVAL`) for as long as the work runs, but not beyond the leg's patience with silent work
    /// (`LegWork.patience`). Saying the same again shows that work goes on.
    public func progress(_ fraction: Double, _ note: String) {
        diary.write {
            $0.fraction = fraction.isFinite ? min(max(fraction, 0), 1) : $0.fraction
            $0.note = note
            $0.isHeldUp = false
        }
    }

    /// Says that the work can only go on when somebody has mended what `note` names, and until `progress` is called
    /// again: its deadline is not held against it meanwhile.
    public func heldUp(_ note: String) {
        diary.write {
            $0.note = note
            $0.isHeldUp = true
        }
    }

    /// Adds to what the work consumed; each resource's sum is handed off as one usage record.
    public func use(_ resource: Usage.Resource, _ amount: Double) {
        guard amount.isFinite, amount >= 0 else {
            logger.error(
                "a measured amount is not a number and is left out", metadata: ["resource": "\(resource.rawValue)"])
            return
        }
        diary.write { $0.usage[resource, default: 0] += amount }
    }

    /// Notes a decision of the leg's own; it is journalled in the transaction of the handoff.
    public func journal(_ reason: String) {
        diary.write { $0.decisions.append(reason) }
    }

    /// Adds results that are handed over even when the work then fails.
    public func learn(_ results: Results) {
        diary.write { $0.learned.merge(results) }
    }

    /// What has been reported so far.
    public var said: WorkReport { diary.read() }
}

/// What a piece of work has reported.
public struct WorkReport: Sendable, Equatable {
    /// Done so far, 0 to 1.
    public internal(set) var fraction = 0.0
    /// What is being done.
    public internal(set) var note = "started"
    /// Whether it waits for what somebody has to mend.
    public internal(set) var isHeldUp = false
    /// Sums by resource.
    public internal(set) var usage: [Usage.Resource: Double] = [:]
    /// Decisions in order.
    public internal(set) var decisions: [String] = []
    /// Results to hand over in any case.
    public internal(set) var learned = Results()
}

/// Where one piece of work's reports are kept.
final class WorkDiary: Sendable {
    private struct State {
        var report = WorkReport()
        var lastWord: ContinuousClock.Instant
        var isGivenUp = false
    }

    /// What the reporter may do.
    enum Vouching: Sendable, Equatable {
        case vouches
        /// It has just become too long.
        case givesUp
        case hasGivenUp
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        state = Mutex(State(lastWord: now()))
    }

    func write(_ change: (inout WorkReport) -> Void) {
        let now = now()
        state.withLock { state in
            change(&state.report)
            state.lastWord = now
            state.isGivenUp = false
        }
    }

    func read() -> WorkReport { state.withLock { $0.report } }

    /// Whether work that may be silent for so long still counts as working.
    func vouching(patience: Duration?) -> Vouching {
        guard let patience else { return .vouches }
        let now = now()
        return state.withLock { state in
            guard now - state.lastWord > patience else { return .vouches }
            defer { state.isGivenUp = true }
            return state.isGivenUp ? .hasGivenUp : .givesUp
        }
    }
}
