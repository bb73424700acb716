// SPDX-License-Identifier: Apache-2.0

import Baton
import Glibc
import NIOCore
import NIOHTTP1
import OpenInference
import Operations
import Testing

@testable import DeployRollout
@testable import RolloutRules
@testable import Routing
@testable import RoutingRules
@testable import Serving

@Suite("A router that is stopped", .timeLimit(.minutes(2)))
struct DrainTests {
    /// Runs `body` with a release that is served.
    private func withRelease(
        _ body: @Sendable @escaping (ServedReleases, ReleaseLanes) async throws -> Void
    ) async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", manifest)))
            let served = try await router.releases.whenServing(baton("one"), model: "cancer")
            try await body(router.releases, served.release)
        }
    }

    @Test("routers replaced one after the other behind a load fail no request")
    func rollingReplacement() async throws {
        try await withRelease { releases, _ in
            let front = Front()
            try await withThrowingTaskGroup(of: Void.self) { group in
                func start() async throws -> StoppableRouter {
                    let router = StoppableRouter(releases, drain: .milliseconds(500))
                    group.addTask { try await router.run() }
                    let port = try await router.bound.first { $0 }.port
                    front.admit(port)
                    try await front.sees(port, ready: true)
                    return router
                }
                group.addTask { try await front.run() }
                var routers = [try await start(), try await start()]
                for _ in 0..<4 {
                    try await front.flow(20)
                    let old = routers.removeFirst()
                    // As at a shutdown, but however long a busy machine takes to see it.
                    old.drain.begin()
                    try await front.sees(try await old.bound.first { $0 }.port, ready: false)
                    try await front.flow(20)
                    await old.stop()
                    routers.append(try await start())
                    #expect(!old.reports.answers.isEmpty)
                }
                try await front.flow(20)
                front.finish()
                for router in routers { await router.stop() }
                try await group.waitForAll()
            }
            #expect(front.failures == [])
            #expect(front.sent >= 100)
        }
    }

    @Test("it says that it is not ready, goes on answering, and closes each connection with its answer")
    func answersOn() async throws {
        try await withRelease { releases, _ in
            let router = StoppableRouter(releases, drain: .seconds(60))
            try await withThrowingTaskGroup(of: Void.self) { group in
                let base = try await router.startedAddress(in: &group)
                let row = try Expected.binary().rows[0]
                #expect(try await HTTPClient().get(base + "/v2/health/ready").status == 200)
                router.drain.begin()
                #expect(try await HTTPClient().get(base + "/v2/health/ready").status == 503)
                #expect(try await HTTPClient().get(base + "/v2/models/cancer/ready").status == 503)
                #expect(try await HTTPClient().get(base + "/v2/health/live").status == 200)
                let client = LaneClient(host: "127.0.0.1", port: try await router.bound.first { $0 }.port)
                let answer = try await client.send(
                    .post("/v2/models/cancer/infer", .init(bytes: row.request)), timeout: .seconds(10))
                #expect(answer.status == 200 && answer.headers["connection"] == ["close"])
                client.close()
                group.cancelAll()
            }
        }
    }

    @Test("a router that has just started is ready when it serves what was live before it, and says 503 until then")
    func startsReady() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        let releases = ServedReleases(logger: .quiet, now: systemTime) { record in
            ReleaseLanes(record: record, count: 1, usage: ServingMeter(), logger: .quiet) {
                try await workshop.factory().specification(for: record.manifest)
            }
        }
        let relay = InferenceRelay(releases: releases, metrics: RouterMetrics(Metrics()), logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            #expect(await relay.infer("cancer", ByteBuffer()).status == 503)
            releases.hear(.record(release("one", manifest)))
            releases.hear(.caughtUp)
            #expect(!releases.view.value.isReady)
            #expect(await relay.infer("cancer", ByteBuffer()).status == 503)
            #expect(await relay.infer("other", ByteBuffer()).status == 404)
            group.addTask { try await releases.run() }
            try await releases.view.first { $0.isReady ? () : nil }
            #expect(releases.serving("cancer") != nil)
            releases.finish()
            try await group.waitForAll()
        }
    }

    @Test("a live release that cannot be served does not keep a router from being ready")
    func readyWithoutABrokenRelease() async throws {
        let workshop = try Workshop()
        let bad = try workshop.manifest(model: Array("{\"learner\":1}".utf8), lanes: 1)
        try await LiveRouter.run(workshop, caughtUp: false) { router in
            router.releases.hear(.record(release("bad", bad)))
            router.releases.hear(.caughtUp)
            try await router.releases.view.first { $0.isReady ? () : nil }
            #expect(try await router.get("/v2/health/ready").status == 200)
        }
    }

    @Test("what is under way when the drain is over is answered before it ends")
    func answersUnderWay() async throws {
        try await withRelease { releases, release in
            let router = StoppableRouter(releases, drain: .zero)
            let lanes = release.roster.value.entries.map(\.lane.processID)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let base = try await router.startedAddress(in: &group)
                for lane in lanes { kill(lane, SIGSTOP) }
                async let answer = HTTPClient(timeout: .seconds(20)).post(
                    base + "/v2/models/cancer/infer", body: Expected.binary().rows[0].request)
                try await release.roster.first { $0.outstanding > 0 ? () : nil }
                await router.stop()
                while !router.drain.isUnderWay { await Task.yield() }
                for lane in lanes { kill(lane, SIGCONT) }
                let given = try await answer
                #expect(given.status == 200 && given.headers["connection"] == "close")
                try await group.waitForAll()
                await #expect(throws: HTTPClientError.self) { try await HTTPClient().get(base + "/v2/health/live") }
            }
        }
    }
}

extension StoppableRouter {
    /// Runs it in a group. - Returns: Where it listens.
    fileprivate func startedAddress(in group: inout ThrowingTaskGroup<Void, any Error>) async throws -> String {
        group.addTask { try await self.run() }
        return try await address()
    }
}
