// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Operations
import ServiceLifecycle

@testable import DeployRollout
@testable import Routing
@testable import Serving

/// One of several routers before the same lanes, run and stopped as a process runs and stops it.
final class StoppableRouter: Sendable {
    let reports = CollectedReports()
    let drain: RouterDrain
    let bound = Watched<RouterAddress?>(nil)
    private let services: ServiceGroup

    init(_ releases: ServedReleases, drain: Duration) {
        self.drain = RouterDrain(duration: drain)
        let routes = RouterRoutes(
            relay: InferenceRelay(releases: releases, metrics: RouterMetrics(Metrics()), logger: .quiet),
            reports: reports, drain: self.drain, now: systemTime)
        let server = RouterServer(routes: routes, socket: anySocket, bound: bound, logger: .quiet)
        services = ServiceGroup(services: [server, self.drain, self.drain.beginning], logger: .quiet)
    }

    func run() async throws { try await services.run() }

    /// As SIGTERM does.
    func stop() async { await services.triggerGracefulShutdown() }

    func address() async throws -> String { "http://127.0.0.1:\(try await bound.first { $0 }.port)" }
}

/// What stands before routers: keeps connections open, sends nothing twice, and only to who says that it is ready.
final class Front: Sendable {
    /// Of how it looks at the routers.
    static let interval: Duration = .milliseconds(20)

    private struct Seat {
        let port: Int
        let client: LaneClient
        var isReady = false
    }

    private struct State {
        var seats: [Seat] = []
        var turn = 0
        var sent = 0
        var failures: [String] = []
        var isOver = false
    }

    private let state = Watched(State())
    var sent: Int { state.value.sent }
    var failures: [String] { state.value.failures }

    func admit(_ port: Int) {
        state.update { $0.seats.append(Seat(port: port, client: LaneClient(host: "127.0.0.1", port: port))) }
    }

    func finish() { state.update { $0.isOver = true } }

    /// Waits until a router is, or is not, among those that get requests.
    func sees(_ port: Int, ready: Bool) async throws {
        try await state.first { state in state.seats.contains { $0.port == port && $0.isReady == ready } ? () : nil }
    }

    /// Waits until so many more requests have been answered.
    func flow(_ count: Int) async throws {
        let goal = sent + count
        try await state.first { $0.sent >= goal ? () : nil }
    }

    /// Asks the routers whether they are ready, and sends requests, until told to stop.
    func run(clients: Int = 4) async throws {
        let rows = try Expected.binary().rows
        await withTaskGroup(of: Void.self) { group in
            group.addTask { while !self.state.value.isOver { await self.look() } }
            for client in 0..<clients {
                group.addTask { while !self.state.value.isOver { await self.send(rows[client % rows.count].request) } }
            }
        }
        for seat in state.value.seats { seat.client.close() }
    }

    private func look() async {
        for (index, seat) in state.value.seats.enumerated() {
            let answer = try? await HTTPClient(timeout: .seconds(1)).get(
                "http://127.0.0.1:\(seat.port)/v2/health/ready")
            state.update { $0.seats[index].isReady = answer?.status == 200 }
        }
        try? await Task.sleep(for: Self.interval)
    }

    private func send(_ body: [UInt8]) async {
        let chosen = state.update { state -> Seat? in
            let ready = state.seats.filter(\.isReady)
            state.turn += 1
            return ready.isEmpty ? nil : ready[state.turn % ready.count]
        }
        guard let chosen else { return await Task.yield() }
        var failure: String?
        do {
            let request = LaneRequest.post("/v2/models/cancer/infer", ByteBuffer(bytes: body))
            let answer = try await chosen.client.send(request, timeout: .seconds(20))
            if answer.status != 200 { failure = String(buffer: answer.body) }
        } catch {
            failure = "\(error)"
        }
        state.update { [failure] state in
            state.sent += 1
            if let failure { state.failures.append("port \(chosen.port): \(failure)") }
        }
    }
}
