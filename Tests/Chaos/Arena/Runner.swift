// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Synchronization

/// Keeps one process of the race running, as a supervisor would, and does to it what a fault says.
final class Runner: Sendable {
    /// How a process came to its end without having been ended.
    struct OwnEnd: Sendable, Hashable {
        let name: String
        let how: String
        /// Ended by a signal: not by an error that it knew, but by a fault of its own.
        let isCrash: Bool

        init(_ name: String, _ status: ExitReport.Status) {
            self.name = name
            how = status.description
            if case .signalled = status { isCrash = true } else { isCrash = false }
        }
    }

    private struct State {
        var child: ChildProcess?
        /// Faults that keep it down.
        var isHeldDown = false
        /// It is not to be started again.
        var isRetired = false
        var skewSeconds = 0
        /// Whether the end that comes is one that we made.
        var isEnding = false
        var ownEnds: [OwnEnd] = []
        var starts = 0
    }

    let name: String
    private let command: @Sendable (_ skewSeconds: Int) -> Command
    private let whenDown: @Sendable () -> Void
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// After SIGTERM; a service's own limit is 10 s.
    static let grace = Duration.seconds(12)
    /// A process that lived this long was well.
    static let healthyLife = Duration.seconds(2)

    /// - Parameters:
    ///   - command: by the clock skew that the process is to have.
    ///   - whenDown: runs whenever it is not there any more, or is about to be gone.
    init(
        name: String, whenDown: @escaping @Sendable () -> Void = {},
        command: @escaping @Sendable (_ skewSeconds: Int) -> Command
    ) {
        self.name = name
        self.command = command
        self.whenDown = whenDown
        (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var ownEnds: [OwnEnd] { state.withLock { $0.ownEnds } }
    var starts: Int { state.withLock { $0.starts } }

    /// Runs until it is cancelled; then the process is asked to end, and killed when it does not.
    /// - Throws: `ChaosFailure` when the process cannot be started, or says that its configuration is wrong.
    func run() async throws {
        var quickEnds = 0
        var wakes = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            if state.withLock({ $0.isRetired }) { return }
            if state.withLock({ $0.isHeldDown }) {
                await wakes.next()
                continue
            }
            let child = try await ChildProcess.spawn(command(state.withLock { $0.skewSeconds }))
            // A fault may have come while it was starting.
            let isUnwanted = state.withLock { state in
                state.child = child
                state.isEnding = state.isHeldDown
                state.starts += 1
                return state.isHeldDown
            }
            if isUnwanted { child.signal(.kill) }
            let report = await withTaskCancellationHandler {
                await child.exit()
            } onCancel: {
                state.withLock { $0.isEnding = true }
                // Owned by the process: it ends with it, within the grace.
                Task {
                    child.signal(.continue, wholeGroup: false)
                    await child.terminate(grace: Self.grace)
                }
            }
            whenDown()
            try note(report)
            quickEnds = report.elapsed < Self.healthyLife ? quickEnds + 1 : 0
            guard quickEnds > 1, !Task.isCancelled else { continue }
            try? await Task.sleep(for: min(.milliseconds(100) * (1 << min(quickEnds, 5)), .seconds(2)))
        }
    }

    private func note(_ report: ExitReport) throws {
        let wasMade = state.withLock { state in
            defer {
                state.isEnding = false
                state.child = nil
            }
            if !state.isEnding { state.ownEnds.append(OwnEnd(name, report.status)) }
            return state.isEnding
        }
        if !wasMade, report.status == .exited(64) {
            throw ChaosFailure("\(name) says that its configuration is wrong; its log tells more")
        }
    }

    // MARK: What faults do

    /// Ends it at once, and keeps it down until `rise`.
    func kill() {
        let child = state.withLock { state in
            state.isHeldDown = true
            state.isEnding = state.child != nil
            return state.child
        }
        whenDown()
        child?.signal(.kill)
    }

    /// Asks it to end, and keeps it down until `rise`.
    /// - Returns: how it ended; nil when it did not run.
    func stop() async -> ExitReport? {
        let child = state.withLock { state in
            state.isHeldDown = true
            state.isEnding = state.child != nil
            return state.child
        }
        return await child?.terminate(grace: Self.grace)
    }

    /// Lets it run again.
    func rise(skewSeconds: Int = 0) {
        state.withLock { state in
            state.isHeldDown = false
            state.skewSeconds = skewSeconds
        }
        waker.yield()
    }

    /// Asks it to end for good; `run` returns then.
    func retire() async {
        state.withLock { $0.isRetired = true }
        _ = await stop()
        waker.yield()
    }

    func freeze() { signal(.stop) }

    func thaw() { signal(.continue) }

    private func signal(_ signal: Signal) {
        // What it started leads groups of its own, as with a process frozen by its operator.
        state.withLock { $0.child }?.signal(signal, wholeGroup: false)
    }
}

/// Why a race could not be held or was not won, in one paragraph.
struct ChaosFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
