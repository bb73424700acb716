// SPDX-License-Identifier: Apache-2.0

package import Baton
import LegRuntime
package import Logging
import Operations
package import RolloutRules
import RoutingRules
import ServiceLifecycle
package import Serving

/// Brings what this instance serves in line with the releases topic.
package final class ServedReleases: Service {
    /// What it has heard, and what it serves.
    package struct View: Sendable {
        /// What the releases topic says.
        package var log = ReleaseLog()
        /// Whether all that was in the topic at the start has been heard.
        package var isCaughtUp = false
        var switches: [String: ModelSwitch] = [:]
        /// What answers requests, by model.
        package var serving: [String: Served] = [:]
        /// What is getting ready, by model.
        var starting: [String: ReleaseLanes] = [:]
        /// Models that were live when this instance started and are not served yet; a failed start takes one out.
        var awaited: Set<String> = []
        /// Releases with traffic all of whose lanes are gone.
        var stricken: Set<BatonID> = []

        /// Whether requests may come: what was live at the start is served. Later releases do not change it.
        package var isReady: Bool { isCaughtUp && awaited.isEmpty }

        /// Whether requests for a model that is to be served would find no lane.
        package var lacksLanes: Bool { serving.values.contains { stricken.contains($0.release.record.baton) } }

        /// Whether the first release of a model that this instance has heard of is getting ready.
        func isFirstStarting(_ model: String) -> Bool {
            guard isCaughtUp, serving[model] == nil, !awaited.contains(model) else { return false }
            return starting[model].map { $0.phase.value.failures == 0 } ?? false
        }
    }

    /// A release with traffic.
    package struct Served: Sendable {
        /// Its lanes.
        package let release: ReleaseLanes
        /// The release that had the traffic before; nil when none did.
        package let replaced: BatonID?
        /// When it took the traffic over.
        package let since: Timestamp
    }

    /// How long requests under way may take before the lanes of a replaced release are stopped.
    static let drainLimit: Duration = .seconds(5)

    /// What it has heard, and what it serves.
    package let view = Watched(View())
    /// Unbounded, and yet short: only changes of what shall serve are queued, and `run` starts each at once.
    private let work: AsyncStream<Work>
    private let entrance: AsyncStream<Work>.Continuation
    private let lanes: @Sendable (ReleaseRecord) -> ReleaseLanes
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// Serves nothing yet.
    /// - Parameter lanes: makes the lanes of a release, not yet running.
    package init(
        logger: Logger, now: @escaping @Sendable () -> Timestamp,
        lanes: @escaping @Sendable (ReleaseRecord) -> ReleaseLanes
    ) {
        self.logger = logger
        self.now = now
        self.lanes = lanes
        (work, entrance) = AsyncStream.makeStream()
    }

    /// The release that answers for a model now.
    package func serving(_ model: String) -> ReleaseLanes? {
        view.read { $0.serving[model]?.release }
    }

    /// Whether it is too early to say that a model is not served here.
    package func mayServeSoon(_ model: String) -> Bool {
        view.read { !$0.isCaughtUp || $0.awaited.contains(model) || $0.isFirstStarting(model) }
    }

    /// Waits, up to a limit, for a model's first release when its lanes are starting here. Another instance may serve
    /// it already, and to the client both are one address: a 404 from here would contradict the other's answers.
    package func awaitFirst(_ model: String, waiting limit: Duration) async {
        guard view.read({ $0.isFirstStarting(model) }) else { return }
        _ = try? await within(limit) { try await self.view.first { $0.isFirstStarting(model) ? nil : () } }
    }

    /// Takes the next item of the releases topic.
    package func hear(_ item: ReleaseLogItem) {
        for work in apply(item) { entrance.yield(work) }
    }

    /// Runs the lanes until the process shuts down, then drains and stops every one.
    package func run() async throws {
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
    package func finish() { entrance.finish() }

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

    /// Keeps `stricken` right for a release until it is stopped.
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
