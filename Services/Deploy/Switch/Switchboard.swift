// SPDX-License-Identifier: Apache-2.0

import Baton
import LegRuntime
import Logging
import ServiceLifecycle

/// Brings what this instance serves in line with the releases topic.
final class Switchboard: Service {
    struct View: Sendable {
        var log = ReleaseLog()
        var isCaughtUp = false
        var switches: [String: ModelSwitch] = [:]
        /// What answers requests, by model.
        var serving: [String: Served] = [:]
        /// What is getting ready, by model.
        var starting: [String: ReleaseLanes] = [:]
        /// Models that were live before this instance was, and that it neither serves yet nor failed to serve.
        var awaited: Set<String> = []
        /// Releases with traffic all of whose lanes are gone.
        var stricken: Set<BatonID> = []

        /// Whether requests may come: what was live at the start is served. Later releases do not change it.
        var isReady: Bool { isCaughtUp && awaited.isEmpty }

        /// Whether requests for a model that is to be served would find no lane.
        var lacksLanes: Bool { serving.values.contains { stricken.contains($0.release.record.baton) } }

        /// Whether the first release of a model that this instance has heard of is getting ready.
        func isFirstStarting(_ model: String) -> Bool {
            guard isCaughtUp, serving[model] == nil, !awaited.contains(model) else { return false }
            return starting[model].map { $0.phase.value.failures == 0 } ?? false
        }
    }

    /// A release with traffic.
    struct Served: Sendable {
        let release: ReleaseLanes
        let replaced: BatonID?
        let since: Timestamp
    }

    /// How long requests under way may take before the lanes of a replaced release are stopped.
    static let drainLimit: Duration = .seconds(5)

    let view = Watched(View())
    /// `run` only starts what comes, so nothing piles up: items that change nothing make no work.
    private let work: AsyncStream<Work>
    private let entrance: AsyncStream<Work>.Continuation
    private let lanes: @Sendable (ReleaseRecord) -> ReleaseLanes
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter lanes: makes the lanes of a release, not yet running.
    init(
        logger: Logger, now: @escaping @Sendable () -> Timestamp,
        lanes: @escaping @Sendable (ReleaseRecord) -> ReleaseLanes
    ) {
        self.logger = logger
        self.now = now
        self.lanes = lanes
        (work, entrance) = AsyncStream.makeStream()
    }

    /// The release that answers for a model now.
    func serving(_ model: String) -> ReleaseLanes? {
        view.read { $0.serving[model]?.release }
    }

    /// Whether it is too early to say that a model is not served here.
    func mayServeSoon(_ model: String) -> Bool {
        view.read { !$0.isCaughtUp || $0.awaited.contains(model) || $0.isFirstStarting(model) }
    }

    /// Waits for the first release of a model where it is getting ready, but no longer than a time: another instance
    /// may serve it already, and clients know of one address.
    func awaitFirst(_ model: String, waiting limit: Duration) async {
        guard view.read({ $0.isFirstStarting(model) }) else { return }
        _ = try? await within(limit) { try await self.view.first { $0.isFirstStarting(model) ? nil : () } }
    }

    /// Hears of the log, item by item.
    func hear(_ item: ReleaseLogItem) {
        for work in apply(item) { entrance.yield(work) }
    }

    /// Runs the lanes until the process shuts down, then drains and stops every one.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for await work in work { group.addTask { await self.perform(work) } }
                await stopEverything()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.finish()
        }
    }

    /// Starts nothing more; `run` stops what runs and returns.
    func finish() { entrance.finish() }

    /// Work that an item of the log sets off.
    private enum Work: Sendable {
        case run(ReleaseLanes)
        case drain(ReleaseLanes)
    }

    private func apply(_ item: ReleaseLogItem) -> [Work] {
        view.update { view in
            switch item {
            case .record(let record):
                view.log.apply(record)
                return view.isCaughtUp ? reconcile(record.model, &view) : []
            case .caughtUp:
                view.isCaughtUp = true
                let work = view.log.models.flatMap { reconcile($0, &view) }
                view.awaited = Set(view.starting.keys)
                return work
            }
        }
    }

    private func reconcile(_ model: String, _ view: inout View) -> [Work] {
        let current = view.log.current(model)
        defer { if view.starting[model] == nil { view.awaited.remove(model) } }
        return view.switches[model, default: ModelSwitch()].desire(current?.baton).compactMap { action in
            switch action {
            case .start:
                guard let current else { return nil }
                let release = lanes(current)
                view.starting[model] = release
                return .run(release)
            case .cancel:
                view.starting.removeValue(forKey: model)?.stop()
                return nil
            case .retire:
                return view.serving.removeValue(forKey: model).map { .drain($0.release) }
            case .swap:
                return nil
            }
        }
    }

    private func perform(_ work: Work) async {
        switch work {
        case .drain(let release): await release.drain(waiting: Self.drainLimit)
        case .run(let release):
            logger.with(.about(release.record)).info("starting lanes", metadata: ["lanes": "\(release.count)"])
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await release.run() }
                group.addTask {
                    guard await release.failsToStart() else { return }
                    self.view.update { _ = $0.awaited.remove(release.record.model) }
                }
                guard await release.becomesReady() else { return }
                group.addTask { await self.noteLosses(of: release) }
                await takeOver(release)
            }
        }
    }

    /// Keeps in view whether a release has lanes at all, until it is stopped.
    private func noteLosses(of release: ReleaseLanes) async {
        let baton = release.record.baton
        while let isLost = try? await release.roster.first({ $0.isClosed ? false : $0.entries.isEmpty ? true : nil }),
            isLost
        {
            view.update { _ = $0.stricken.insert(baton) }
            _ = try? await release.roster.first { $0.isClosed || !$0.entries.isEmpty ? () : nil }
            view.update { _ = $0.stricken.remove(baton) }
        }
    }

    private func takeOver(_ release: ReleaseLanes) async {
        let (model, baton) = (release.record.model, release.record.baton)
        let swap = view.update { view -> (swapped: Bool, old: ReleaseLanes?) in
            guard view.switches[model, default: ModelSwitch()].ready(baton) != [], view.starting[model] === release
            else { return (false, nil) }
            let old = view.serving[model]?.release
            view.starting[model] = nil
            view.awaited.remove(model)
            view.serving[model] = Served(release: release, replaced: old?.record.baton, since: now())
            return (true, old)
        }
        guard swap.swapped else { return }
        logger.with(.about(release.record)).info(
            "traffic switched",
            metadata: ["model": "\(model)", "from": "\(swap.old.map { "\($0.record.baton)" } ?? "none")"])
        await swap.old?.drain(waiting: Self.drainLimit)
    }

    private func stopEverything() async {
        let (serving, starting) = view.update { view in
            defer {
                view.serving = [:]
                view.starting = [:]
            }
            return (view.serving.values.map(\.release), Array(view.starting.values))
        }
        for release in starting { release.stop() }
        await withTaskGroup(of: Void.self) { group in
            for release in serving { group.addTask { await release.drain(waiting: .seconds(2)) } }
        }
    }
}

extension Switchboard {
    /// Waits until a baton's release has the traffic here. Failures from before the call are of the past: the lanes
    /// are being tried again.
    /// - Throws: ``LaneFailure`` when a lane of it cannot start, ``Switchboard/Unwanted`` when it is not to serve.
    func whenServing(_ baton: BatonID, model: String) async throws -> Served {
        try await withThrowingTaskGroup(of: Served.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await self.untilServing(baton, model: model) }
            group.addTask {
                let release = try await self.view.first { view in
                    view.starting[model].flatMap { $0.record.baton == baton ? $0 : nil }
                }
                let past = release.phase.value.failures
                let reason = try await release.phase.first { phase -> String? in
                    if case .failing(let reason, let attempts) = phase, attempts > past { reason } else { nil }
                }
                throw LaneFailure(reason)
            }
            guard let served = try await group.next() else { throw CancellationError() }
            return served
        }
    }

    private func untilServing(_ baton: BatonID, model: String) async throws -> Served {
        let outcome = try await view.first { view -> Result<Served, Unwanted>? in
            guard view.isCaughtUp, let standing = view.log.standing(of: baton, model: model) else { return nil }
            guard standing == .serves else { return .failure(Unwanted(standing: standing)) }
            guard let served = view.serving[model], served.release.record.baton == baton else { return nil }
            return .success(served)
        }
        return try outcome.get()
    }

    /// The log does not want a release to serve.
    struct Unwanted: Error, Equatable {
        let standing: ReleaseLog.Standing
    }

    /// The release that a model's clients rely on, as far as the log goes that is written by now.
    func live(_ model: String) async throws -> ReleaseRecord? {
        try await view.first { view -> ReleaseRecord?? in view.isCaughtUp ? .some(view.log.current(model)) : nil }
    }
}

extension ReleaseLanes {
    /// True once all lanes are ready; false when stopped before.
    func becomesReady() async -> Bool {
        do {
            return try await phase.first { phase in
                switch phase {
                case .ready: true
                case .stopping: false
                case .starting, .failing: nil
                }
            }
        } catch {
            return false
        }
    }

    /// True once a lane could not be started; false when all are ready, or stopped, before that.
    func failsToStart() async -> Bool {
        do {
            return try await phase.first { phase in
                switch phase {
                case .failing: true
                case .ready, .stopping: false
                case .starting: nil
                }
            }
        } catch {
            return false
        }
    }
}
