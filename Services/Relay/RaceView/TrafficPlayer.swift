// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Operations
import RelayClients
import Synchronization

/// What a traffic player did so far.
package struct TrafficCount: Sendable, Equatable {
    var sent = 0
    var failed = 0
    /// Requests a minute that are asked for right now.
    var demandPerMinute = 0.0
    /// Answers by lane.
    var lanes: [String: Int] = [:]

    var sentence: String {
        let spread = lanes.sorted { $0.key < $1.key }.map { "\($0.value)" }.joined(separator: " · ")
        return "\(Int(demandPerMinute)) requests a minute, \(sent) sent, \(failed) failed, over lanes \(spread)"
    }
}

/// Demand that rises from one rate to another by the same factor in equal times.
struct RisingDemand: Sendable, Equatable {
    var fromPerMinute = 10.0
    var toPerMinute = 10_000.0
    /// How long the rise takes; the last rate holds afterwards.
    var over: Duration

    func perMinute(at elapsed: Duration) -> Double {
        let share = min(max(elapsed.seconds / over.seconds, 0), 1)
        return fromPerMinute * Foundation.pow(toPerMinute / fromPerMinute, share)
    }

    /// Requests that should have been sent by then: the rate's integral.
    func total(at elapsed: Duration) -> Double {
        let (rise, time) = (over.seconds, elapsed.seconds)
        let factor = Foundation.log(toPerMinute / fromPerMinute)
        let inRise = fromPerMinute / 60 * rise / factor * (Foundation.exp(factor * min(time, rise) / rise) - 1)
        return inRise + max(0, time - rise) * toPerMinute / 60
    }
}

/// Sends a project's sample requests to its model, as the people served would.
final class TrafficPlayer: Sendable {
    private let url: String
    private let bodies: [[UInt8]]
    private let demand: RisingDemand
    private let tally = Mutex(TrafficCount())
    /// Requests under way at once; more demand than that waits, and is sent late rather than dropped.
    private static let concurrency = 64

    init(endpoint: String, model: String, bodies: [[UInt8]], demand: RisingDemand) {
        url = "\(endpoint)/v2/models/\(model)/infer"
        self.bodies = bodies
        self.demand = demand
    }

    var count: TrafficCount { tally.withLock { $0 } }

    /// Plays until the task is cancelled.
    func play() async {
        guard !bodies.isEmpty else { return }
        let clock = ContinuousClock()
        let begin = clock.now
        await withTaskGroup(of: Void.self) { group in
            var (sent, under) = (0, 0)
            while !Task.isCancelled {
                let elapsed = clock.now - begin
                tally.withLock { $0.demandPerMinute = demand.perMinute(at: elapsed) }
                while Double(sent) < demand.total(at: elapsed), !Task.isCancelled {
                    if under >= Self.concurrency {
                        await group.next()
                        under -= 1
                    }
                    let body = bodies[sent % bodies.count]
                    group.addTask { await self.send(body) }
                    (sent, under) = (sent + 1, under + 1)
                }
                try? await Task.sleep(for: .milliseconds(5))
            }
            group.cancelAll()
        }
    }

    private func send(_ body: [UInt8]) async {
        let answer = try? await HTTPClient(timeout: .seconds(5)).post(url, body: body)
        // A request that we broke off ourselves says nothing about the service.
        if answer == nil, Task.isCancelled { return }
        tally.withLock {
            $0.sent += 1
            if answer?.isSuccess != true { $0.failed += 1 }
            if let lane = answer?.headers["relay-lane"] { $0.lanes[lane, default: 0] += 1 }
        }
    }
}
