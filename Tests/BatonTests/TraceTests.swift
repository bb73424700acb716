// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Baton

@Suite("A trace context")
struct TraceContextTests {
    static let example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    static let trace = "0af7651916cd43dd8448eb211c80319c"
    static let span = "b7ad6b7169203331"

    @Test("is read as the recommendation's own example says")
    func recommended() throws {
        let context = try #require(TraceContext(Self.example))
        #expect(context.traceID == Self.trace)
        #expect(context.spanID == Self.span)
        #expect(context.isSampled)
        #expect(context.description == Self.example)
    }

    @Test(
        "that is malformed is none",
        arguments: [
            "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-01-",
            "00-\(trace)-\(span)-011",
            "00-\(trace)-\(span)-01-more", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01",
            "00-\(trace.dropLast())g-\(span)-01", "00-00000000000000000000000000000000-\(span)-01",
            "00-\(trace)-0000000000000000-01", "ff-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01",
            "00_\(trace)-\(span)-01", "00-\(trace)-\(span)-0x", " \(example)", "\(example) ", "00-\(trace)-\(span)-é",
            "cc-\(trace)-\(span)-01x", "00-\(trace.dropLast())-0\(span)-01",
        ])
    func malformed(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test("of a version to come is read by what this one defines, and written as this one")
    func later() throws {
        for text in ["cc-\(Self.trace)-\(Self.span)-01", "cc-\(Self.trace)-\(Self.span)-03-what-comes"] {
            #expect(TraceContext(text)?.description == Self.example)
        }
    }

    @Test(
        "keeps of the flags whether it is recorded",
        arguments: [("00", false), ("01", true), ("02", false), ("ff", true)])
    func flags(flags: String, isSampled: Bool) throws {
        let context = try #require(TraceContext("00-\(Self.trace)-\(Self.span)-\(flags)"))
        #expect(context.isSampled == isSampled)
        #expect(TraceContext(context.description) == context)
    }

    @Test("is the same after it was written and read, and its bytes are never mistaken", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func digits(_ count: Int) -> String {
            String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "1" })
        }
        let context = TraceContext(traceID: digits(32), spanID: digits(16), isSampled: .random(using: &generator))
        #expect(TraceContext(context.description) == context)
        #expect(try JSON.decode(TraceContext.self, from: JSON.encode(context)) == context)
        var bytes = Array(context.description.utf8)
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: .min ... .max, using: &generator)
        guard let changed = String(validating: bytes, as: UTF8.self), let read = TraceContext(changed) else { return }
        #expect(read.traceID == changed.dropFirst(3).prefix(32))
        #expect(read.spanID == changed.dropFirst(36).prefix(16))
    }

    @Test("in an event of the suite's own must be right, or may be missing")
    func payload() throws {
        let request = BatonRequest(source: "ci", id: "1", request: .sample)
        var traced = request
        traced.traceparent = TraceContext(Self.example)
        #expect(try JSON.decode(BatonRequest.self, from: JSON.encode(request)).traceparent == nil)
        #expect(try JSON.decode(BatonRequest.self, from: JSON.encode(traced)).traceparent == traced.traceparent)
        let broken = String(decoding: JSON.encode(traced), as: UTF8.self).replacing("00-0af", with: "00-XYZ")
        let refusal = #expect(throws: Refusal.self) { try JSON.decode(BatonRequest.self, from: Array(broken.utf8)) }
        #expect(refusal?.description.contains("traceparent") == true)
    }

    @Test("in an event of somebody else that is malformed is as if it were missing")
    func foreign() {
        var event = CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested)
        #expect(event.trace == nil)
        event.extensions = ["traceparent": "00-zz"]
        #expect(event.trace == nil)
        event.extensions = ["traceparent": Self.example]
        #expect(event.trace?.traceID == Self.trace)
    }
}

@Suite("A baton's trace")
struct BatonTraceTests {
    static let baton = BatonID(source: "ci", id: "1")
    static let caller = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")

    @Test("is the caller's when there is one, recorded as the caller's is")
    func callers() {
        let trace = BatonTrace(Self.baton, request: Self.caller)
        #expect(trace.traceID == Self.caller?.traceID)
        #expect(trace.requestSpanID == Self.caller?.spanID)
        #expect(!trace.isSampled)
        #expect(!trace.race.isSampled)
    }

    @Test("follows from the baton's id when there is no caller")
    func own() {
        let trace = BatonTrace(Self.baton, request: nil)
        #expect(trace == BatonTrace(BatonID(source: "ci", id: "1"), request: nil))
        #expect(trace.traceID != BatonTrace(BatonID(source: "ci", id: "2"), request: nil).traceID)
        #expect(trace.requestSpanID == nil)
        #expect(trace.isSampled)
    }

    @Test("names every span otherwise, and the same span always the same")
    func names() {
        func spans(_ baton: BatonID, request: TraceContext?) -> [TraceContext] {
            let trace = BatonTrace(baton, request: request)
            let attempts = Duty.allCases.flatMap { duty in
                (1...3).map { trace.attempt(AttemptKey(baton: baton, duty: duty, attempt: $0)) }
            }
            let work = attempts.flatMap { attempt in
                ["a", "b"].flatMap { worker in
                    [5, 6].map { attempt.work(of: worker, startedAt: Timestamp(milliseconds: $0)) }
                }
            }
            return [trace.race] + attempts + work
        }
        // Two batons of one caller share its trace.
        let all = [Self.baton, BatonID(source: "ci", id: "2")].flatMap { spans($0, request: Self.caller) }
        #expect(Set(all.map(\.spanID)).count == all.count)
        #expect(Set(all.map(\.traceID)).count == 1)
        for span in all { #expect(TraceContext(span.description) == span) }
        #expect(spans(Self.baton, request: Self.caller) == spans(Self.baton, request: Self.caller))
    }

    @Test("goes with the state, every order and the release")
    func carried() throws {
        let caller = try #require(Self.caller)
        var track = Track()
        var commands = track.take(.requested(.sample, source: "test", id: "1", traceparent: caller))
        for _ in Duty.allCases { commands += track.answer() }
        #expect(track.state?.traceparent == caller)
        let trace = BatonTrace(track.id, request: caller)
        let orders = track.assignments(commands)
        #expect(orders.count == Duty.allCases.count)
        for order in orders { #expect(order.traceparent == trace.attempt(order.key)) }
        let releases = commands.compactMap { if case .release(let release) = $0 { release } else { nil } }
        #expect(releases.map(\.traceparent) == [trace.race])
    }

    @Test("of an order from before there were traces is the one that it would have had")
    func old() throws {
        var track = Track()
        let order = try #require(track.assignments(track.take(.requested(.sample, source: "test", id: "1"))).first)
        var old = order
        old.traceparent = nil
        #expect(try JSON.decode(Assignment.self, from: JSON.encode(old)).trace == order.trace)
        #expect(order.trace == track.state?.trace.attempt(order.key))
    }
}
