// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

@Suite("Events")
struct EventTests {
    static let valid = #"{"project":{"directory":"/p"},"model":"iris","requester":"ann"}"#

    func request(_ data: String) -> CloudEvent {
        CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested, data: Array(data.utf8))
    }

    @Test("a router's run reads as it is written, and what is none is refused")
    func routerID() throws {
        let router = RouterID(instance: "zone/deploy-0", startedAt: Timestamp(milliseconds: 7))
        #expect(RouterID(rawValue: router.rawValue) == router && router.rawValue == "zone/deploy-0/7")
        #expect(try JSON.decode([RouterID].self, from: Array(#"["zone/deploy-0/7"]"#.utf8)) == [router])
        for text in ["", "deploy-0", "/7", "deploy-0/", "deploy-0/x"] { #expect(RouterID(rawValue: text) == nil) }
        let later = RouterID(instance: router.instance, startedAt: Timestamp(milliseconds: 8))
        #expect(later.replaces(router) && !router.replaces(later) && !router.replaces(router))
        #expect(!later.replaces(RouterID(instance: "deploy-0", startedAt: Timestamp(milliseconds: 7))))
    }

    @Test("a mark is nothing to readers of the release before, who look at the model's key or for a status")
    func mark() throws {
        let mark = RouterMark(
            model: "iris", baton: BatonID(source: "ci", id: "1"),
            router: RouterID(instance: "deploy-0", startedAt: Timestamp(milliseconds: 7)),
            through: Timestamp(milliseconds: 8))
        #expect(mark.key == "iris/deploy-0" && mark.key.hasPrefix(RouterMark.keyPrefix(of: "iris")))
        let members = String(decoding: JSON.encode(mark), as: UTF8.self)
        #expect(!members.contains("status") && !members.contains("latencyMilliseconds"))
    }

    @Test("binary mode round trips through record headers")
    func binary() throws {
        var event = request(Self.valid)
        event.subject = "iris"
        event.time = Timestamp(milliseconds: 1_764_000_000_123)
        event.extensions = ["traceparent": "00-ab-cd-01"]
        let headers = event.kafkaHeaders.map { (name: $0.name, value: Optional($0.value)) }
        #expect(try CloudEvent(kafkaHeaders: headers, value: event.data) == event)
    }

    @Test("structured mode is read, its data as JSON")
    func structured() throws {
        let body = #"{"specversion":"1.0","id":"1","source":"ci","type":"t","data":{"a":[1,1.0,null]},"seq":7}"#
        let headers: [(name: String, value: [UInt8]?)] = [
            ("content-type", Array("application/cloudevents+json; charset=UTF-8".utf8))
        ]
        let event = try CloudEvent(kafkaHeaders: headers, value: Array(body.utf8))
        #expect(event.data.map { String(decoding: $0, as: UTF8.self) } == #"{"a":[1,1.0,null]}"#)
        #expect(event.extensions == ["seq": "7"])
    }

    @Test("an event without its required attributes is refused with all of them named")
    func missingAttributes() {
        let refusal = #expect(throws: Refusal.self) {
            try CloudEvent(kafkaHeaders: [], value: nil)
        }
        #expect(refusal?.problems.count == 4)
    }

    @Test("a batch names the event that is wrong")
    func batch() {
        let body =
            #"[{"specversion":"1.0","id":"1","source":"s","type":"t"},{"specversion":"0.3","id":"2","type":"t"}]"#
        let refusal = #expect(throws: Refusal.self) { try CloudEvent.batch(Array(body.utf8)) }
        #expect(refusal?.details.map { "\($0.pointer ?? .root)" } == ["/1/source", "/1/specversion"])
    }

    @Test("a request that is right is read")
    func goodRequest() throws {
        #expect(try ReleaseRequest.read(request(Self.valid)).project.directory == "/p")
    }

    @Test("a git URL may name a user where that is no secret", arguments: ["ssh://git@h/r", "git@h:r", "file:///r@s"])
    func gitUser(url: String) throws {
        let data = #"{"project":{"git":"\#(url)","commit":"c"},"model":"m","requester":"a"}"#
        #expect(try ReleaseRequest.read(request(data)).project.git == url)
    }

    @Test(
        "a request that is wrong is refused with every problem named",
        arguments: [
            ("no json", ["/data: not JSON at byte 0"]),
            ("[]", ["/data: the data must be a JSON object, not an array"]),
            ("{}", ["/data/model: model is missing", "requester is missing", "project is missing"]),
            (#"{"project":{},"model":"m","requester":"a"}"#, ["project.directory or project.git is missing"]),
            (#"{"project":{"directory":"p"},"model":"m","requester":"a"}"#, ["project.directory must be an absolute"]),
            (#"{"project":3,"model":"m","requester":"a"}"#, ["/data/project: project must be an object, not a number"]),
            (
                #"{"project":{"directory":"/p"},"model":"m","requester":"a","parameters":[1]}"#,
                ["/data/parameters: parameters must be an object, not an array"]
            ),
            (#"{"project":{"git":"u"},"model":"m","requester":"a"}"#, ["project.commit is missing"]),
            (
                #"{"project":{"git":"https://token@h/r","commit":"c"},"model":"m","requester":"a"}"#,
                ["project.git holds credentials"]
            ),
            (
                #"{"project":{"git":"ssh://me:word@h/r","commit":"c"},"model":"m","requester":"a"}"#,
                ["project.git holds credentials"]
            ),
            (
                #"{"project":{"directory":"/d","git":"u","x":1},"model":1,"requester":"","mood":"good"}"#,
                [
                    "/data/mood: mood is not a known", "/data/model: model must be a string, not a number",
                    "/data/requester: requester is empty", "/data/project/x: project.x", "exclude each other",
                ]
            ),
        ])
    func badRequest(data: String, expected: [String]) {
        let refusal = #expect(throws: Refusal.self) { try ReleaseRequest.read(request(data)) }
        let problems = refusal?.problems ?? []
        #expect(problems.count == expected.count)
        for part in expected { #expect(problems.contains { $0.contains(part) }, "\(part) in \(problems)") }
    }

    @Test("an event of a newer release is refused as that, with what to do; another one as what it is")
    func newer() {
        var event = CloudEvent(id: "1", source: "relay/captain", type: "relay.duty.assigned.v2", data: [])
        let newer = #expect(throws: Refusal.self) { try Assignment.read(event) }
        #expect(newer?.description.contains("version 2 of relay.duty.assigned.v1") == true)
        #expect(newer?.description.contains("upgrade this service, then replay") == true)
        for type in ["relay.duty.assigned.v0", "relay.duty.assigned", "relay.baton.changed.v2", "v2", ""] {
            event.type = type
            let other = #expect(throws: Refusal.self) { try Assignment.read(event) }
            #expect(other?.description.hasSuffix("found \(type)") == true)
        }
    }

    @Test("the same source and id are the same baton, and nothing else is")
    func identity() {
        #expect(BatonID(source: "ci", id: "1") == BatonID(source: "ci", id: "1"))
        #expect(BatonID(source: "ci", id: "1") != BatonID(source: "ci1", id: ""))
        #expect(BatonID(source: "ci", id: "1").description.utf8.count == 26)
        #expect(BatonID(BatonID(source: "ci", id: "1").description.lowercased()) == BatonID(source: "ci", id: "1"))
        #expect(BatonID("ILOU") == nil)
    }

    @Test("an assignment's event says in its attributes which attempt it orders, and for which lane")
    func assignmentAddress() {
        let key = AttemptKey(baton: BatonID(source: "ci", id: "1"), duty: .watch, attempt: 12)
        var event = CloudEvent(
            id: key.description, source: "relay/captain", type: Assignment.eventType, extensions: ["lane": "fallback"])
        #expect(Assignment.Address(event)?.key == key)
        #expect(Assignment.Address(event)?.lane == .fallback)
        event.extensions["lane"] = "middle"
        #expect(Assignment.Address(event) == nil)
        event.extensions = [:]
        #expect(Assignment.Address(event) == nil)
        for text in ["", "\(key)/1", "x/watch/1", "\(key.baton)/fly/1", "\(key.baton)/watch/one"] {
            #expect(AttemptKey(text) == nil)
        }
    }

    @Test("money is written with its unit and adds up exactly")
    func money() {
        #expect(Money(micros: -1_234_567, currency: "USD").description == "-1.234567 USD")
        #expect(Money(0.1, currency: "USD").micros * 3 == Money(0.3, currency: "USD").micros)
    }

    @Test("a moment survives being written", arguments: [0, 1, 999, 1_764_000_000_123, -1])
    func timestamps(milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(moment.description) == moment)
    }

    @Test("a state survives being written as JSON")
    func stateRoundTrip() throws {
        var track = Track()
        track.run(until: .closing)
        let state = try #require(track.state)
        #expect(try JSON.decode(BatonState.self, from: JSON.encode(state)) == state)
    }
}
