// SPDX-License-Identifier: Apache-2.0

import Baton
import Hummingbird
import Kafka
import LegRuntime
import NIOCore
import NIOPosix
import Operations
import Synchronization
import Testing

@testable import CaptainIntake
@testable import CaptainRace

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
        var details: [Problem]
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

    private func answer(_ response: HTTPClient.Response) throws -> ProblemAnswer.Detail {
        try JSON.decode(ProblemAnswer.self, from: response.body).error
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
        let again = String(decoding: JSON.encode(ReleaseRequest.sample), as: UTF8.self)
        let answer = try batons(try await post(desk, again, "application/json", Self.binary))
        #expect(answer.first?.known == true)
        #expect(answer.first?.state == "at admission, attempt 1, primary lane")
    }

    @Test(
        "bad input is refused with all its problems, and nothing is written",
        arguments: [
            ("not json", ["/data: not JSON"]), ("[1]", ["JSON object"]), ("", ["no data"]),
            ("{}", ["/data/model: model is missing", "requester is missing", "project is missing"]),
            (
                #"{"project":{"git":"x"},"model":7,"requester":"","extra":1}"#,
                ["extra is not", "model must be", "requester is empty", "project.commit is missing"]
            ),
            (
                #"{"project":{"directory":"p"},"model":"m","requester":"\u001b[2J","parameters":{"g":1e400}}"#,
                ["/data/parameters/g: 1e400 is beyond"]
            ),
            (
                #"{"project":{"directory":"p"},"model":"a\u202eb","requester":"\u001b[2J"}"#,
                ["/data/project/directory: project.directory must be", "/data/model: ", "/data/requester: "]
            ),
            (#"{"model":"a","model":"b"}"#, [#"/data: not JSON at byte 20: the member "model" is there twice"#]),
        ])
    func refused(body: String, parts: [String]) async throws {
        let desk = IntakeDesk()
        let response = try await post(desk, body, "application/json", Self.binary)
        #expect(response.status == 400)
        let answer = try answer(response)
        #expect(answer.code == "refused")
        #expect(answer.details.map(\.description) == answer.problems)
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
        #expect(problems.allSatisfy { $0.hasPrefix("/1/data/") })
        #expect(desk.written.withLock { $0.isEmpty })
    }

    @Test("a batch of nothing is taken: there is nothing to take")
    func emptyBatch() async throws {
        let desk = IntakeDesk()
        let response = try await post(desk, "[]", "application/cloudevents-batch+json")
        #expect(response.status == 202)
        #expect(try batons(response) == [])
        #expect(desk.written.withLock { $0.isEmpty })
    }

    @Test("another request under a known source and id is refused, with what differs")
    func contradiction() async throws {
        var rounds = Rounds()
        _ = rounds.request()
        let desk = IntakeDesk(known: rounds.orchestrator.state(of: baton))
        let other = ReleaseRequest.json.replacing("breast-cancer", with: "wine")
        let response = try await post(desk, other, "application/json", Self.binary)
        #expect(response.status == 409)
        let answer = try answer(response)
        #expect(answer.code == "contradicts")
        #expect(answer.details.map { "\($0.pointer ?? .root)" } == ["/data/model", "/data/reason"])
        #expect(desk.written.withLock { $0.isEmpty })
    }

    @Test("what was sent a moment ago is known before the race has heard of it")
    func recent() async throws {
        let routes = IntakeDesk().routes
        try await withServer(routes.add) { url in
            func post(_ body: String) async throws -> HTTPClient.Response {
                try await HTTPClient().post(
                    url + "/events", body: Array(body.utf8), contentType: "application/json", headers: Self.binary)
            }
            #expect(try await batons(post(ReleaseRequest.json)) == [TakenBaton(id: baton, known: false)])
            #expect(try await batons(post(ReleaseRequest.json)) == [TakenBaton(id: baton, known: true)])
            let spaced = ReleaseRequest.json.replacing(":", with: " : ")
            #expect(try await batons(post(spaced)) == [TakenBaton(id: baton, known: true)])
            let other = ReleaseRequest.json.replacing("breast-cancer", with: "wine")
            let response = try await post(other)
            #expect(response.status == 409)
            #expect(try self.answer(response).details.map { "\($0.pointer ?? .root)" } == ["/data"])
        }
    }

    @Test("what Kafka did not acknowledge is not remembered as taken")
    func forgotten() {
        let recent = RecentRequests(limit: 8)
        var other = ReleaseRequest.sample
        other.model = "wine"
        let first = recent.begin([(baton, .sample)])
        #expect(recent.begin([(baton, other)]).entries.map(\.contradicts) == [true])
        recent.forget(first)
        #expect(recent.begin([(baton, other)]).entries.map(\.contradicts) == [false])
        for number in 0..<20 { _ = recent.begin([(BatonID(source: "ci", id: "\(number)"), .sample)]) }
        #expect(
            recent.begin([(baton, .sample)]).entries == [.init(baton: baton, isRepeated: false, contradicts: false)])
    }

    @Test("an attribute that comes twice is refused")
    func twice() async throws {
        let routes = IntakeDesk().routes
        let raw = try await withServer(routes.add) { url in
            try await Self.raw(
                url,
                [
                    "ce-specversion: 1.0", "ce-id: 1", "ce-id: 2", "ce-source: ci", "ce-type: t",
                    "content-type: application/json",
                ])
        }
        #expect(raw.hasPrefix("HTTP/1.1 400"))
        #expect(raw.contains("/id: the header ce-id is there twice"))
    }

    /// An exchange as it goes over the wire: a client that has headers by name cannot send one twice.
    private static func raw(_ url: String, _ headers: [String]) async throws -> String {
        let port = Int(url.split(separator: ":").last ?? "") ?? 0
        let request =
            (["POST /events HTTP/1.1", "host: 127.0.0.1", "connection: close", "content-length: 2"] + headers)
            .joined(separator: "\r\n") + "\r\n\r\n{}"
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            for try await part in inbound { answer.writeImmutableBuffer(part) }
            return String(buffer: answer)
        }
    }

    @Test("an event in structured mode that is sent as plain JSON is told how to be sent")
    func structuredAsJSON() async throws {
        let response = try await post(IntakeDesk(), structured("1"), "application/json")
        #expect(response.status == 400)
        let problems = try answer(response).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("content-type: application/cloudevents+json") == true)
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
        let odd = try await post(
            desk, #"{"by":"a\u202eb","reason":"\u001b[2J","x":1}"#, "application/json", path: path)
        #expect(try answer(odd).details.map { "\($0.pointer ?? .root)" } == ["/by", "/reason", "/x"])
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
        let reason = outputs[1].header("relay_reason")
        #expect(reason?.contains("/data/model: model is missing; /data/requester: requester is missing") == true)
    }
}
