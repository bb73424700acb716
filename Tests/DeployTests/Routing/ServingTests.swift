// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Glibc
import OpenInference
import Operations
import Testing

@testable import DeployRollout
@testable import RolloutRules
@testable import Routing
@testable import RoutingRules
@testable import Serving

@Suite("Serving a release", .timeLimit(.minutes(2)))
struct ServingTests {
    /// Sends requests until told to stop, and keeps every answer that was not right.
    final class Traffic: Sendable {
        private struct State {
            var isOver = false
            var sent = 0
            var failures: [String] = []
        }

        private let state = Watched(State())
        var sent: Int { state.value.sent }
        var failures: [String] { state.value.failures }

        func stop() { state.update { $0.isOver = true } }

        func run(_ router: LiveRouter, clients: Int = 4) async throws {
            let rows = try Expected.binary().rows
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    group.addTask {
                        var index = client
                        while !self.state.value.isOver {
                            await self.one(router, rows[index % rows.count])
                            index += 1
                        }
                    }
                }
            }
        }

        private func one(_ router: LiveRouter, _ row: Expected.Row) async {
            var failure: String?
            do {
                let answer = try await router.post("/v2/models/cancer/infer", row.request)
                let output = try InferenceResponse(json: answer.body).outputs.first?.data.numbers?.first
                if answer.status != 200 || abs((output ?? .nan) - row.prediction) > 1e-6 { failure = answer.text }
            } catch {
                failure = "\(error)"
            }
            state.update { [failure] state in
                state.sent += 1
                if let failure { state.failures.append(failure) }
            }
        }

        /// Waits until so many more requests have been answered.
        func flow(_ count: Int) async throws {
            let goal = sent + count
            try await state.first { $0.sent >= goal ? () : nil }
        }
    }

    @Test("answers come from a lane of the release, and say which")
    func answers() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", manifest)))
            let served = try await router.releases.whenServing(baton("one"), model: "cancer")
            #expect(served.replaced == nil)
            #expect(served.release.roster.value.entries.count == 2)
            let row = try Expected.binary().rows[0]
            let answer = try await router.post("/v2/models/cancer/infer", row.request)
            #expect(answer.status == 200)
            let output = try InferenceResponse(json: answer.body).outputs[0]
            #expect(abs((output.data.numbers ?? [])[0] - row.prediction) <= 1e-6)
            #expect(answer.headers["relay-baton"] == baton("one").description)
            #expect(answer.headers["relay-release"] == manifest.artifact.digest.description)
            let lanes = served.release.roster.value.entries.map(\.lane.id)
            #expect(lanes.contains(answer.headers["relay-lane"] ?? ""))
            #expect(try await router.get("/v2/models/cancer/ready").status == 200)
            let metadata = try ModelMetadata(json: try await router.get("/v2/models/cancer").body)
            #expect(metadata.name == "cancer")
            let reported = router.reports.answers
            #expect(reported.count == 1)
            #expect(reported[0].status == 200 && reported[0].lane == answer.headers["relay-lane"])
            #expect(reported[0].id == answer.headers["relay-request"])
        }
    }

    @Test("a wrong model is answered 404 and a malformed request 400, with the reason")
    func wrongInputs() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", manifest)))
            _ = try await router.releases.whenServing(baton("one"), model: "cancer")
            let unknown = try await router.post("/v2/models/other/infer", Expected.binary().rows[0].request)
            #expect(unknown.status == 404)
            #expect(try ErrorBody(json: unknown.body).error == "no release of a model \"other\" is live here")
            let path = try await router.get("/v2/nothing")
            #expect(path.status == 404)
            #expect(try ErrorBody(json: path.body).error == "no such path: /v2/nothing")
            let version = manifest.modelVersion
            let row = try Expected.binary().rows[0]
            #expect(try await router.post("/v2/models/cancer/versions/\(version)/infer", row.request).status == 200)
            #expect(try await router.get("/v2/models/cancer/versions/\(version)/ready").status == 200)
            let old = try await router.post("/v2/models/cancer/versions/0/infer", row.request)
            #expect(old.status == 404)
            #expect(try ErrorBody(json: old.body).error == "version \"0\" of \"cancer\" is not live; \(version) is")
            let malformed = try await router.post("/v2/models/cancer/infer", Array("{}".utf8))
            #expect(malformed.status == 400)
            #expect(try ErrorBody(json: malformed.body).error == "inputs: missing")
            let tooLarge = try await router.post(
                "/v2/models/cancer/infer", Array(repeating: 0x20, count: RouterRoutes.maximumBodyBytes + 1))
            #expect(tooLarge.status == 413)
            // A watch hears of all that was for this model, also of what no lane has seen.
            #expect(router.reports.answers.map(\.status) == [200, 404, 400, 413])
        }
    }

    @Test("a lane killed under load fails no answer, and is replaced")
    func laneKilled() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", manifest)))
            let served = try await router.releases.whenServing(baton("one"), model: "cancer")
            let traffic = Traffic()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await traffic.run(router) }
                try await traffic.flow(20)
                let victim = try #require(served.release.roster.value.entries.first).lane
                kill(victim.processID, SIGKILL)
                try await served.release.roster.first { roster in
                    roster.entries.contains { $0.lane.id == victim.id } ? nil : ()
                }
                try await served.release.roster.first { $0.entries.count == 2 ? () : nil }
                try await traffic.flow(20)
                traffic.stop()
                try await group.waitForAll()
            }
            #expect(traffic.failures == [])
            #expect(traffic.sent >= 40)
        }
    }

    @Test("a frozen lane costs its attempt's time, not an answer")
    func laneFrozen() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest()
        let budget = RequestBudget(total: .seconds(10), attempt: .milliseconds(500))
        try await LiveRouter.run(workshop, budget: budget) { router in
            router.releases.hear(.record(release("one", manifest)))
            let served = try await router.releases.whenServing(baton("one"), model: "cancer")
            let victim = try #require(served.release.roster.value.entries.first).lane
            kill(victim.processID, SIGSTOP)
            #expect(try await router.get("/v2/models/cancer").status == 200)
            for row in try Expected.binary().rows.prefix(6) {
                let answer = try await router.post("/v2/models/cancer/infer", row.request)
                #expect(answer.status == 200)
                #expect(answer.headers["relay-lane"] != victim.id)
            }
            // The health watch takes it for hanging and replaces it.
            try await served.release.roster.first { roster in
                roster.entries.count == 2 && !roster.entries.contains { $0.lane.id == victim.id } ? () : nil
            }
        }
    }

    @Test("a request for a model whose first release is getting ready waits for it, as another router may serve it")
    func firstRelease() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        let budget = RequestBudget(total: .seconds(30), attempt: .seconds(20))
        try await LiveRouter.run(workshop, budget: budget) { router in
            router.releases.hear(.record(release("one", manifest)))
            let answer = try await router.post("/v2/models/cancer/infer", Expected.binary().rows[0].request)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    @Test("clients hear of a lane that is away without its address, and are sent to another connection")
    func plainWords() async throws {
        #expect(!LaneTransportError.cannotConnect("connect 127.0.0.1:4711: errno 111").outline.contains("4711"))
        #expect(!LaneTransportError.connectionLost("read(descriptor:): errno 104").outline.contains("errno"))
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", manifest)))
            let served = try await router.releases.whenServing(baton("one"), model: "cancer")
            let victim = try #require(served.release.roster.value.entries.first).lane
            // As if it had just gone: the one that replaces it is not there yet.
            served.release.roster.update { $0.remove(victim.id) }
            let answer = try await router.post("/v2/models/cancer/infer", Expected.binary().rows[0].request)
            #expect(answer.status == 503 && answer.headers["connection"] == "close")
            #expect(try ErrorBody(json: answer.body).error == "no lane of \"cancer\" is ready: none is running")
        }
    }

    @Test("a switch to another release fails no answer while requests flow")
    func switching() async throws {
        let workshop = try Workshop()
        let (first, second) = (try workshop.manifest(), try workshop.manifest(model: Workshop.model("binary.json")))
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("one", first)))
            let old = try await router.releases.whenServing(baton("one"), model: "cancer")
            let traffic = Traffic()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await traffic.run(router) }
                try await traffic.flow(10)
                router.releases.hear(.record(release("two", second)))
                let new = try await router.releases.whenServing(baton("two"), model: "cancer")
                #expect(new.replaced == baton("one"))
                try await traffic.flow(10)
                try await old.release.roster.first { $0.entries.isEmpty ? () : nil }
                router.releases.hear(.record(release("two", second, status: .withdrawn)))
                let back = try await router.releases.whenServing(baton("one"), model: "cancer")
                #expect(back.replaced == baton("two"))
                try await traffic.flow(10)
                traffic.stop()
                try await group.waitForAll()
            }
            #expect(traffic.failures == [])
            let batons = Set(router.reports.answers.map(\.release.baton))
            #expect(batons == [baton("one"), baton("two")])
        }
    }

    @Test("a release whose lanes die at start never gets traffic, and the reason is told")
    func dyingLane() async throws {
        let workshop = try Workshop()
        let good = try workshop.manifest(lanes: 1)
        let bad = try workshop.manifest(model: Array("{\"learner\":1}".utf8), lanes: 1)
        try await LiveRouter.run(workshop) { router in
            router.releases.hear(.record(release("good", good)))
            _ = try await router.releases.whenServing(baton("good"), model: "cancer")
            router.releases.hear(.record(release("bad", bad)))
            let failure = await #expect(throws: LaneFailure.self) {
                _ = try await router.releases.whenServing(baton("bad"), model: "cancer")
            }
            #expect(
                failure?.description.hasPrefix("the lane ended with exit code 1 before it was ready: Error: ") == true)
            #expect(failure?.description.contains("loading the model") == true)
            let answer = try await router.post("/v2/models/cancer/infer", Expected.binary().rows[0].request)
            #expect(answer.headers["relay-baton"] == baton("good").description)
        }
    }

    @Test("a program that cannot be run is told as such")
    func noSuchProgram() async throws {
        let workshop = try Workshop()
        let manifest = try workshop.manifest(lanes: 1)
        try await LiveRouter.run(workshop, executable: "/nowhere/relay-lane") { router in
            router.releases.hear(.record(release("one", manifest)))
            let failure = await #expect(throws: LaneFailure.self) {
                _ = try await router.releases.whenServing(baton("one"), model: "cancer")
            }
            #expect(failure?.description == "cannot run /nowhere/relay-lane: No such file or directory")
            let ready = try await router.get("/v2/models/cancer/ready")
            #expect(ready.status == 404)
        }
    }
}
