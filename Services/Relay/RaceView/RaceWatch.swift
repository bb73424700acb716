// SPDX-License-Identifier: Apache-2.0

package import ArtifactStore
package import Baton
import Foundation
import Operations
package import RelayClients
import RelayTerminal

/// Follows one baton until it has ended, shows it, and plays traffic while it is watched.
package struct RaceWatch: Sendable {
    let client: CaptainClient
    let baton: BatonID
    var isQuiet = false

    /// Of its parts.
    package init(client: CaptainClient, baton: BatonID, isQuiet: Bool = false) {
        self.client = client
        self.baton = baton
        self.isQuiet = isQuiet
    }

    /// How often the captain is asked.
    static let interval = Duration.milliseconds(150)
    /// How long the captain may be away before this gives up; it may be restarted in between.
    static let patience = Duration.seconds(60)

    /// - Parameter store: where the release's sample requests are; nil plays no traffic.
    /// - Returns: the last report, and what the traffic came to.
    @discardableResult
    package func run(play store: LocalArtifactStore?) async throws -> (BatonReport, TrafficCount?) {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var show = RaceShow(terminal: Terminal())
            var player: TrafficPlayer?
            let clock = ContinuousClock()
            var heard = clock.now
            var newest = NewestReport()
            var trouble: HTTPClientError?
            while true {
                let report: BatonReport?
                do {
                    report = newest.take(try await client.report(of: baton))
                    if report != nil { heard = clock.now }
                    trouble = nil
                } catch let error as HTTPClientError {
                    report = nil
                    trouble = error
                    if !isQuiet, clock.now - heard > .seconds(1) { show.stale(since: clock.now - heard, now: .now) }
                }
                if let report {
                    if !isQuiet { show.show(report, now: .now, traffic: player?.count) }
                    if report.state.hasEnded {
                        group.cancelAll()
                        return (report, player?.count)
                    }
                    if player == nil, let store, let started = try Self.player(report.state, store) {
                        player = started
                        group.addTask { await started.play() }
                    }
                    if report.state.results.watch != nil { group.cancelAll() }
                }
                if clock.now - heard >= Self.patience { throw unknown(trouble) }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    private func unknown(_ trouble: HTTPClientError?) -> RelayFailure {
        let reason = trouble.map { ": it cannot be reached: \($0.reason)" } ?? ""
        return RelayFailure(
            "the captain at \(client.baseURL) has nothing to say about the baton \(baton) for "
                + "\(Self.patience.components.seconds) s\(reason)",
            remedy: "look at \(client.baseURL)/health/ready, and at `relay status`")
    }

    /// Traffic for the watch, once the release is live and if the project declares sample requests.
    private static func player(_ state: BatonState, _ store: LocalArtifactStore) throws -> TrafficPlayer? {
        guard state.current?.duty == .watch, let rollout = state.results.rollout, let build = state.results.build,
            let requests = build.declaration.requests
        else { return nil }
        let lines = try store.contents(of: build.output(requests).digest).split(separator: UInt8(ascii: "\n"))
        return TrafficPlayer(
            endpoint: rollout.endpoint, model: build.declaration.model.name, bodies: lines.map(Array.init),
            demand: RisingDemand(over: .seconds(build.declaration.watch.periodSeconds)))
    }
}

/// Several captains may answer behind one name, and each hears of a change in its own time: what was seen once is not
/// taken back.
struct NewestReport {
    private var version: Int?

    /// - Returns: The report, unless an answer before it knew more; nil too for a captain that knows nothing yet.
    mutating func take(_ report: BatonReport?) -> BatonReport? {
        guard let report, report.state.version >= version ?? 0 else { return nil }
        version = report.state.version
        return report
    }
}
