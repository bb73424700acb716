// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Logging

/// The lanes of one release: keeps the declared number of them running until told to stop.
final class ReleaseLanes: Sendable {
    /// How the start is going.
    enum Phase: Sendable, Equatable {
        case starting
        /// The last attempt to start a lane failed, for this reason; it is tried again.
        case failing(String)
        case ready
        case stopping
    }

    struct Health: Sendable {
        /// How often a lane is asked whether it is ready.
        var interval: Duration = .seconds(1)
        /// A lane that misses this many answers in a row is taken for hanging, and replaced.
        var missesAllowed = 3
    }

    let record: ReleaseRecord
    let count: Int
    let roster = Watched(LaneRoster<ServingLane>())
    let phase = Watched(Phase.starting)
    private let specification: @Sendable () async throws -> LaneSpecification
    private let health: Health
    private let usage: UsageMeter
    private let logger: Logger

    /// - Parameter specification: makes the model file ready first; asked again at every attempt.
    init(
        record: ReleaseRecord, count: Int, health: Health = Health(), usage: UsageMeter, logger: Logger,
        specification: @escaping @Sendable () async throws -> LaneSpecification
    ) {
        self.record = record
        self.count = count
        self.health = health
        self.usage = usage
        self.specification = specification
        var logger = logger
        logger[metadataKey: "baton"] = "\(record.baton)"
        logger[metadataKey: "model"] = "\(record.model)"
        self.logger = logger
    }

    /// Runs the lanes. Returns when `stop` was called or the task was cancelled, with every lane ended.
    func run() async {
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
    func drain(waiting limit: Duration) async {
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

    func stop() {
        roster.update { $0.close() }
        phase.update { $0 = .stopping }
    }

    private func keepOneRunning() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let lane = try await ServingLane.start(specification(), logger: logger)
                let start = ContinuousClock.now
                await serve(lane)
                backoff.ran(for: .now - start)
            } catch is CancellationError {
                return
            } catch {
                logger.error("a lane does not start", metadata: ["reason": "\(error)"])
                phase.update { if $0 != .ready && $0 != .stopping { $0 = .failing("\(error)") } }
                backoff.failed()
            }
            guard (try? await Task.sleep(for: backoff.delay)) != nil else { return }
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
        if ready == count { phase.update { if $0 != .stopping { $0 = .ready } } }
        let end = await watch(lane)
        roster.update { $0.remove(lane.id) }
        switch end {
        case .ended(let status): logger.error("lane ended", metadata: ["lane": "\(lane.id)", "status": "\(status)"])
        case .hanging: logger.error("lane hangs, replacing it", metadata: ["lane": "\(lane.id)"])
        case .stopped: logger.info("lane stopped", metadata: ["lane": "\(lane.id)"])
        }
        switch end {
        case .stopped: await lane.stop()
        case .ended, .hanging: await lane.kill()
        }
        usage.unwatch(lane, of: record.baton)
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
