// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Logging
import NIOCore
import OpenInference
import Operations

@testable import DeployRollout
@testable import RolloutRules
@testable import Routing
@testable import RoutingRules
@testable import Serving

/// A free port of this machine.
let anySocket: @Sendable () async throws -> ListeningSocket = {
    try await .bound(host: "127.0.0.1", port: 0, setting: "")
}

/// What is served, with a router in front, and the hand that writes the releases topic.
struct LiveRouter: Sendable {
    let releases: ServedReleases
    let reports: CollectedReports
    let base: String
    let port: Int

    func post(_ path: String, _ body: [UInt8]) async throws -> HTTPClient.Response {
        try await HTTPClient(timeout: .seconds(20)).post(base + path, body: body)
    }

    func get(_ path: String) async throws -> HTTPClient.Response {
        try await HTTPClient().get(base + path)
    }

    /// Runs `body`; every lane has ended when this returns.
    static func run(
        _ workshop: Workshop, executable: String = Workshop.laneExecutable,
        budget: RequestBudget = RequestBudget(), caughtUp: Bool = true, traces: Traces = .off,
        _ body: @Sendable @escaping (LiveRouter) async throws -> Void
    ) async throws {
        let usage = ServingMeter()
        let factory = workshop.factory(executable: executable)
        let releases = ServedReleases(logger: .quiet, now: systemTime) { record in
            ReleaseLanes(record: record, count: record.manifest.declaration.lanes, usage: usage, logger: .quiet) {
                try await factory.specification(for: record.manifest)
            }
        }
        if caughtUp { releases.hear(.caughtUp) }
        let reports = CollectedReports()
        let routes = RouterRoutes(
            relay: InferenceRelay(
                releases: releases, budget: budget, metrics: RouterMetrics(Metrics()), logger: .quiet),
            reports: reports, drain: RouterDrain(duration: .zero), traces: traces, now: systemTime)
        let bound = Watched<RouterAddress?>(nil)
        let server = RouterServer(routes: routes, socket: anySocket, bound: bound, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await releases.run() }
            let port = try await bound.first { $0 }.port
            let router = LiveRouter(
                releases: releases, reports: reports, base: "http://127.0.0.1:\(port)", port: port)
            let result: Result<Void, any Error>
            do {
                try await body(router)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            releases.finish()
            // What is served ends with every lane stopped; the server only when cancelled.
            _ = await group.nextResult()
            group.cancelAll()
            while await group.nextResult() != nil {}
            try result.get()
        }
    }
}
