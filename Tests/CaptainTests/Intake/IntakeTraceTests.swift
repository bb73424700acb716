// SPDX-License-Identifier: Apache-2.0

import Baton
import Hummingbird
import Kafka
import LegRuntime
import Operations
import Synchronization
import Testing

@testable import CaptainIntake
@testable import CaptainRace

@Suite("The trace of a request", .timeLimit(.minutes(1)))
struct IntakeTraceTests {
    static let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    static let other = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// What the inbox got of a request over HTTP.
    private func posted(_ headers: [String: String]) async throws -> CloudEvent {
        let desk = IntakeDesk()
        let attributes = [
            "ce-specversion": "1.0", "ce-id": "1", "ce-source": "ci", "ce-type": EventType.releaseRequested,
        ]
        let response = try await withServer(desk.routes.add) { url in
            try await HTTPClient().post(
                url + "/events", body: Array(ReleaseRequest.json.utf8), headers: attributes.merging(headers) { $1 })
        }
        #expect(response.status == 202)
        return try #require(desk.written.withLock { $0 }.first).read(offset: 0).cloudEvent()
    }

    @Test("over HTTP is the event's own, else the one that the request's header says")
    func http() async throws {
        #expect(try await posted([:]).trace == nil)
        #expect(try await posted(["traceparent": Self.caller]).trace?.description == Self.caller)
        #expect(try await posted(["ce-traceparent": Self.caller]).trace?.description == Self.caller)
        let both = try await posted(["ce-traceparent": Self.caller, "traceparent": Self.other])
        #expect(both.trace?.description == Self.caller)
    }

    @Test("that is malformed is ignored, and the request is taken")
    func malformed() async throws {
        #expect(try await posted(["traceparent": "00-zz"]).trace == nil)
        let event = try await posted(["ce-traceparent": "nonsense", "traceparent": Self.other])
        #expect(event.trace?.description == Self.other)
    }

    /// What the captain makes of a record of the inbox.
    private func taken(_ event: CloudEvent, _ headers: [KafkaHeader] = []) async throws -> BatonRequest {
        let processor = InboxProcessor(topics: topics, logger: quiet, meters: IntakeMeters(Metrics()))
        var record = event.record(topic: topics.inbox, key: "any")
        record.headers += headers
        let outputs = try await processor.process([record.read(offset: 0)], now: moment).records
        return try BatonRequest.read(#require(outputs.first).read(offset: 0).cloudEvent())
    }

    @Test("over Kafka is the event's own, else the one that the record's header says; a malformed one is ignored")
    func kafka() async throws {
        var event = CloudEvent(
            id: "1", source: "ci", type: EventType.releaseRequested, data: Array(ReleaseRequest.json.utf8))
        let header = KafkaHeader(name: "traceparent", text: Self.other)
        #expect(try await taken(event).traceparent == nil)
        #expect(try await taken(event, [header]).traceparent?.description == Self.other)
        event.extensions["traceparent"] = Self.caller
        #expect(try await taken(event, [header]).traceparent?.description == Self.caller)
        event.extensions["traceparent"] = "00-zz"
        #expect(try await taken(event).traceparent == nil)
        let structured = #"{"specversion":"1.0","id":"1","source":"ci","type":"\#(EventType.releaseRequested)","#
        let body = structured + #""traceparent":"\#(Self.caller)","data":\#(ReleaseRequest.json)}"#
        let read = try CloudEvent(structured: Array(body.utf8))
        #expect(try await taken(read).traceparent?.description == Self.caller)
    }

    @Test("goes with all that the captain writes of the baton, each record with its own span")
    func written() throws {
        var rounds = Rounds()
        let request = BatonRequest(
            source: "ci", id: "1", request: .sample, traceparent: TraceContext(Self.caller))
        var open = rounds.round([request.record(topics, now: moment)]).assignments
        while let assignment = open.first {
            open = rounds.round([Handoff.of(assignment).record(on: topics.batonEvents, baton)]).assignments
        }
        let trace = BatonTrace(baton, request: request.traceparent)
        for record in rounds.committed {
            let event = try record.read(offset: 0).cloudEvent()
            #expect(event.trace?.traceID == trace.traceID, "\(event.type)")
            if let order = try? Assignment.read(event) { #expect(event.trace == trace.attempt(order.key)) }
            if let entry = try? JournalEntry.read(event), entry.action == .handoffAccepted {
                #expect(event.trace == entry.key.map(trace.attempt))
            }
            if event.type == EventType.batonChanged { #expect(event.trace == trace.race) }
        }
        #expect(rounds.committed.count > 20)
    }

    @Test("survives a restart of the captain, and a state of before there were traces is still read")
    func restored() throws {
        var rounds = Rounds()
        let request = BatonRequest(
            source: "ci", id: "1", request: .sample, traceparent: TraceContext(Self.caller))
        let record = try #require(
            rounds.round([request.record(topics, now: moment)]).first { $0.topic == topics.batons })
        let after = Rounds(restored: [record.read(offset: 0)])
        #expect(after.orchestrator.state(of: baton)?.traceparent == request.traceparent)
        var old = record
        old.value = Array(record.text.replacing(#""traceparent":"\#(Self.caller)","#, with: "").utf8)
        #expect(old.value != record.value)
        let state = try #require(Rounds(restored: [old.read(offset: 0)]).orchestrator.state(of: baton))
        #expect(state.traceparent == nil)
        #expect(state.trace == BatonTrace(baton, request: nil))
    }
}
