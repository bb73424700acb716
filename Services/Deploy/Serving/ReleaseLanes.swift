// SPDX-License-Identifier: Apache-2.0

package import Baton
import ChildProcess
import LegRuntime
package import Logging
import Operations
package import RoutingRules

/// The lanes of one release: keeps the declared number of them running until told to stop.
package final class ReleaseLanes: Sendable {
    /// How the start is going.
    package enum Phase: Sendable, Equatable {
        case starting
        /// So many attempts to start a lane failed, the last for this reason; it is tried again.
        case failing(String, attempts: Int)
        case ready
        case stopping
    }

    /// How running lanes are checked.
    package struct Health: Sendable {
        /// How often a lane is asked whether it is ready.
        var interval: Duration = .seconds(1)
        /// A lane that misses this many answers in a row is taken for hanging, and replaced.
        var missesAllowed = 3

        /// One question a second, three misses.
        package init() {}
    }

    /// How many lanes take requests, after one came or went.
    package struct Strength: Sendable, Equatable {
        /// Lanes that take requests.
        package var ready: Int
        /// Lanes that there should be.
        package var declared: Int
        /// What happened, in one sentence.
        package var event: String
    }

    /// The release.
    package let record: ReleaseRecord
    /// How many lanes it declares.
    package let count: Int
    /// The lanes that take requests.
    package let roster = Watched(LaneRoster<ServingLane>())
    /// How the start is going.
    package let phase = Watched(Phase.starting)
    private let specification: @Sendable () async throws -> LaneSpecification
    private let health: Health
    private let usage: ServingMeter
    private let changed: @Sendable (ReleaseRecord, Strength) -> Void
    private let logger: Logger

    /// The lanes of a release, none of which runs yet.
    /// - Parameters:
    ///   - changed: hears of lanes lost, and of lanes won back.
    ///   - specification: makes the model file ready first; asked again at every attempt.
    package init(
        record: ReleaseRecord, count: Int, health: Health = Health(), usage: ServingMeter, logger: Logger,
        changed: @escaping @Sendable (ReleaseRecord, Strength) -> Void = { _, _ in },
        specification: @escaping @Sendable () async throws -> LaneSpecification
    ) {
        self.record = record
        self.count = count
        self.health = health
        self.usage = usage
        self.changed = changed
        self.specification = specification
        self.logger = logger.with(.about(record)).with(["model": "\(record.model)"])
    }

    /// Runs the lanes. Returns when `stop` was called or the task was cancelled, with every lane ended.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { await self.keepOneRunning() } }
            do {
                try await phase.first { $0 == .stopping ? () : nil }
            } catch {
                phase.update { $0 = .stopping }
            }
            group.cancelAll()
        }
    }

    /// Lets the requests under way be answered, then ends the lanes.
    package func drain(waiting limit: Duration) async {
        roster.update { $0.close() }
        do {
            let drained: Void? = try await within(limit) {
                try await self.roster.first { $0.outstanding == 0 ? () : nil }
            }
            if drained == nil { logger.warning("requests were still under way when the lanes were stopped") }
        } catch {
            logger.debug("the wait for requests under way was cut short")
        }
        stop()
    }

    /// Gives up the lanes, whatever is under way.
    package func stop() {
        roster.update { $0.close() }
        phase.update { $0 = .stopping }
    }

    private func keepOneRunning() async {
        var restart = LaneRestartDelay()
        while !Task.isCancelled {
            do {
                let lane = try await ServingLane.start(specification(), logger: logger)
                let start = ContinuousClock.now
                await serve(lane)
                restart.ran(for: .now - start)
            } catch is CancellationError {
                return
            } catch {
                logger.error("a lane does not start", metadata: ["reason": "\(error)"])
                phase.update { $0.failed("\(error)") }
                restart.failed()
            }
            guard (try? await Task.sleep(for: restart.delay)) != nil else { return }
        }
    }

    private func serve(_ lane: ServingLane) async {
        usage.watch(lane, of: record.baton)
        let ready = roster.update { roster in
            roster.add(lane)
            return roster.entries.count
        }
        logger.info(
            "lane ready", metadata: ["lane": "\(lane.id)", "pid": "\(lane.processID)", "port": "\(lane.port)"])
        let isReplacement = phase.value == .ready
        if ready == count { phase.update { if $0 != .stopping { $0 = .ready } } }
        if isReplacement { tell(ready, "lane \(lane.id) is ready") }
        let end = await watch(lane)
        let left = roster.update { roster in
            roster.remove(lane.id)
            return roster.entries.count
        }
        switch end {
        case .stopped:
            logger.info("lane stopped", metadata: ["lane": "\(lane.id)"])
            await lane.stop()
        case .ended(let status):
            logger.error("lane ended", metadata: ["lane": "\(lane.id)", "status": "\(status)"])
            tell(left, "lane \(lane.id) ended with \(status)")
            await lane.kill()
        case .hanging:
            logger.error("lane hangs, replacing it", metadata: ["lane": "\(lane.id)"])
            tell(left, "lane \(lane.id) hangs and is replaced")
            await lane.kill()
        }
        usage.unwatch(lane, of: record.baton)
    }

    private func tell(_ ready: Int, _ event: String) {
        changed(record, Strength(ready: ready, declared: count, event: event))
    }

    private enum End: Sendable {
        case ended(String), hanging, stopped
    }

    private func watch(_ lane: ServingLane) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask { (try? await lane.exit()).map { .ended("\($0.status)") } ?? .stopped }
            group.addTask {
                var misses = 0
                while misses < self.health.missesAllowed {
                    guard (try? await Task.sleep(for: self.health.interval)) != nil else { return .stopped }
                    misses = await lane.isReady(timeout: self.health.interval) ? 0 : misses + 1
                }
                return .hanging
            }
            let first = await group.next() ?? .stopped
            group.cancelAll()
            return first
        }
    }
}

extension ReleaseLanes.Phase {
    /// Notes a failed start. Once all lanes were ready, a lane that fails is only one to be replaced.
    mutating func failed(_ reason: String) {
        switch self {
        case .starting: self = .failing(reason, attempts: 1)
        case .failing(_, let attempts): self = .failing(reason, attempts: attempts + 1)
        case .ready, .stopping: break
        }
    }

    /// Starts that failed so far.
    package var failures: Int {
        if case .failing(_, let attempts) = self { attempts } else { 0 }
    }
}
