// SPDX-License-Identifier: Apache-2.0

import Baton
import Hummingbird
import Kafka
import LegRuntime
import Operations
import Synchronization
import Testing

@testable import Captain

/// An intake whose writes are kept instead of sent.
final class IntakeDesk: Sendable {
    let written = Mutex<[ProducerRecord]>([])
    let metrics = Metrics()
    let known: BatonState?
    let write: (@Sendable ([ProducerRecord]) async throws -> Void)?

    init(known: BatonState? = nil, write: (@Sendable ([ProducerRecord]) async throws -> Void)? = nil) {
        self.known = known
        self.write = write
    }

    var routes: IntakeRoutes {
        IntakeRoutes(
            topics: topics,
            write: { [self] records in
                if let write { return try await write(records) }
                written.withLock { $0 += records }
            },
            known: { [known] in known?.id == $0 ? known : nil }, now: { moment }, meters: IntakeMeters(metrics),
            remembered: 1000, acknowledgement: .milliseconds(200))
    }
}

struct ProblemAnswer: Codable {
    struct Detail: Codable {
        var code: String
        var message: String
        var problems: [String]
    }
    var error: Detail
}

@Suite("Intake over HTTP", .timeLimit(.minutes(1)))
struct IntakeTests {
    private static let binary = [
        "ce-specversion": "1.0", "ce-id": "1", "ce-source": "ci", "ce-type": EventType.releaseRequested,
    ]

    private func structured(_ id: String, data: String = ReleaseRequest.json) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"ci","type":"\#(EventType.releaseRequested)","data":\#(data)}"#
    }

    private func post(
        _ desk: IntakeDesk, _ body: String, _ type: String, _ headers: [String: String] = [:], path: String = "/events"
    ) async throws -> HTTPClient.Response {
        try await withServer(desk.routes.add) { url in
            try await HTTPClient().post(url + path, body: Array(body.utf8), contentType: type, headers: headers)
        }
    }

    private func batons(_ response: HTTPClient.Response) throws -> [TakenBaton] {
        try JSON.decode([String: [TakenBaton]].self, from: response.body)["batons"] ?? []
    }

    @Test("binary, structured and batch mode of the same request are the same baton in the inbox")
    func modes() async throws {
        let ways = [
            (ReleaseRequest.json, "application/json", Self.binary),
            (structured("1"), "application/cloudevents+json; charset=utf-8", [:]),
            ("[\(structured("1"))]", "application/cloudevents-batch+json", [:]),
        ]
        for (body, type, headers) in ways {
            let desk = IntakeDesk()
            let response = try await post(desk, body, type, headers)
            #expect(response.status == 202)
            #expect(try batons(response) == [TakenBaton(id: baton, known: false)])
            let record = try #require(desk.written.withLock { $0 }.first)
            #expect(record.topic == topics.inbox)
            let event = try record.read(offset: 0).cloudEvent()
            #expect(try ReleaseRequest.read(event).model == "breast-cancer")
            #expect(BatonID(source: event.source, id: event.id) == baton)
        }
    }

    @Test("a request that came before is answered with where its baton is")
    func known() async throws {
        var rounds = Rounds()
        _ = rounds.request()
        let desk = IntakeDesk(known: rounds.orchestrator.state(of: baton))
        let answer = try batons(try await post(desk, ReleaseRequest.json, "application/json", Self.binary))
        #expect(answer.first?.known == true)
        #expect(answer.first?.state == "at admission, attempt 1, primary lane")
    }

    @Test(
        "bad input is refused with all its problems, and nothing is written",
        arguments: [
            ("not json", ["not JSON"]), ("[1]", ["JSON object"]), ("", ["no data"]),
            ("{}", ["model is missing", "requester is missing", "project is missing"]),
            (
                #"{"project":{"git":"x"},"model":7,"requester":"","extra":1}"#,
                ["extra is not", "model must be", "requester is empty", "project.commit is missing"]
            ),
        ])
    func refused(body: String, parts: [String]) async throws {
        let desk = IntakeDesk()
        let response = try await post(desk, body, "application/json", Self.binary)
        #expect(response.status == 400)
        let answer = try JSON.decode(ProblemAnswer.self, from: response.body).error
        #expect(answer.code == "refused")
        for part in parts { #expect(answer.problems.contains { $0.contains(part) }, "\(part) in \(answer.problems)") }
        #expect(desk.written.withLock { $0.isEmpty })
    }

    @Test("missing attributes are all named")
    func attributes() async throws {
        let response = try await post(IntakeDesk(), ReleaseRequest.json, "application/json")
        let problems = try JSON.decode(ProblemAnswer.self, from: response.body).error.problems
        #expect(response.status == 400)
        #expect(problems.count == 4)
        #expect(problems.allSatisfy { $0.contains("ce-") })
    }

    @Test("one bad event of a batch refuses the batch and says which one it was")
    func batch() async throws {
        let desk = IntakeDesk()
        let body = "[\(structured("1")),\(structured("2", data: "{}"))]"
        let response = try await post(desk, body, "application/cloudevents-batch+json")
        #expect(response.status == 400)
        let problems = try JSON.decode(ProblemAnswer.self, from: response.body).error.problems
        #expect(problems.allSatisfy { $0.hasPrefix("event 1: ") })
        #expect(desk.written.withLock { $0.isEmpty })
        let empty = try await post(desk, "[]", "application/cloudevents-batch+json")
        #expect(empty.status == 400)
    }

    @Test("an unknown content type is 415, a body over 1 MiB is 413")
    func limits() async throws {
        #expect(try await post(IntakeDesk(), "x", "text/plain").status == 415)
        let large = String(repeating: "x", count: IntakeRoutes.maximumBodyBytes + 1)
        #expect(try await post(IntakeDesk(), large, "application/json", Self.binary).status == 413)
    }

    @Test("when Kafka does not acknowledge, the answer is 503 with a time to come back")
    func unacknowledged() async throws {
        let failing = IntakeDesk { _ in
            throw KafkaError(code: .timedOut, operation: "send", message: "no broker", isRetriable: true)
        }
        let never = IntakeDesk { _ in try await Task.sleep(for: .seconds(3600)) }
        for desk in [failing, never] {
            let response = try await post(desk, ReleaseRequest.json, "application/json", Self.binary)
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "2")
        }
    }

    @Test("a baton can be called off by its id, with who and why")
    func cancel() async throws {
        var rounds = Rounds()
        _ = rounds.request()
        let desk = IntakeDesk(known: rounds.orchestrator.state(of: baton))
        let path = "/batons/\(baton)/cancel"
        let good = try await post(desk, #"{"by":"ann","reason":"wrong data"}"#, "application/json", path: path)
        #expect(good.status == 202)
        let record = try #require(desk.written.withLock { $0 }.first)
        let outputs = rounds.round([record])
        #expect(outputs.actions == [.cancelRequested, .decided])
        #expect(try await post(desk, "{}", "application/json", path: path).status == 400)
        #expect(try await post(desk, "nonsense", "application/json", path: path).status == 400)
        let body = #"{"by":"ann","reason":"x"}"#
        #expect(try await post(desk, body, "application/json", path: "/batons/no-id/cancel").status == 400)
        let other = "/batons/\(BatonID(source: "ci", id: "9"))/cancel"
        #expect(try await post(desk, body, "application/json", path: other).status == 404)
    }

    @Test("the inbox turns requests into batons and anything else into dead letters, in one transaction")
    func inbox() async throws {
        let processor = InboxProcessor(topics: topics, logger: quiet, meters: IntakeMeters(Metrics()))
        let event = try CloudEvent(structured: Array(structured("1").utf8))
        let good = event.record(topic: topics.inbox, key: "any")
        var bad = good
        bad.value = Array("{}".utf8)
        let none = ProducerRecord(topic: topics.inbox, key: nil, value: nil)
        let outputs = try await processor.process(
            [good.read(offset: 0), bad.read(offset: 1), none.read(offset: 2)], now: moment
        ).records
        #expect(outputs.map(\.topic) == [topics.batonEvents, topics.deadLetters, topics.deadLetters])
        #expect(outputs[0].key == Array(baton.description.utf8))
        #expect(try RaceEvent.read(outputs[0].read(offset: 0)).baton == baton)
        #expect(outputs[1].header("relay_reason")?.contains("model is missing; requester is missing") == true)
    }
}
