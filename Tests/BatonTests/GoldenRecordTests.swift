// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Baton

/// A record that an earlier release of the suite wrote, as `Tests/Fixtures/records-<release>` keeps it.
struct GoldenRecord: Decodable, Sendable {
    let offset: Int64
    let key: String?
    let value: String?
    let headers: [[String]]

    func event() throws -> CloudEvent {
        try CloudEvent(
            kafkaHeaders: headers.map { (name: $0[0], value: Array($0[1].utf8)) }, value: value.map { Array($0.utf8) })
    }

    /// The records of a topic, by its name without the prefix.
    static func all(of topic: String, from release: String) throws -> [GoldenRecord] {
        let file = SchemaLibrary.package.appending(path: "Tests/Fixtures/records-\(release)/\(topic).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(GoldenRecord.self, from: Data($0.utf8)) }
    }
}

/// Records that the last release wrote during real races, read by this one.
@Suite("Records of release 0.4.0")
struct GoldenRecordTests {
    static let release = "0.4.0"
    static let topics = [
        "inbox", "baton-events", "batons", "legs.pipeline", "legs.deploy", "legs.monitor", "legs.governance",
        "progress", "journal", "releases", "predictions", "signals", "usage", "ledger",
    ]

    @Test("are all understood, and written again with everything that they said", arguments: topics)
    func understood(topic: String) throws {
        let records = try GoldenRecord.all(of: topic, from: Self.release)
        #expect(!records.isEmpty)
        for record in records {
            // What is no event was no event then: the captain put it among the dead letters.
            guard let event = try? record.event() else {
                #expect(topic == "inbox" && record.value == "no json")
                continue
            }
            let again = try #require(try Self.writtenAgain(event), "offset \(record.offset): \(event.type)")
            let (old, new) = (try JSONValue.parse(event.data ?? []), try JSONValue.parse(again))
            #expect(new.lost(from: old) == [], "\(topic) offset \(record.offset)")
        }
    }

    @Test("of a baton's state and its handoffs carry the rules on from where they were")
    func continued() throws {
        let states = try GoldenRecord.all(of: "batons", from: Self.release).map { try BatonState.read($0.event()) }
        let out = states.filter { $0.current != nil }
        #expect(!out.isEmpty)
        for state in out {
            let key = try #require(state.currentKey)
            let later = state.changedAt + .seconds(1)
            let next = Race().apply(.stalled(key), to: state, of: state.id, now: later).state
            #expect(next?.current?.number == key.attempt + 1)
            #expect(next?.version == state.version + 1)
        }
    }

    @Test("of the ledger are still canonical, and their chain holds")
    func ledger() throws {
        var verifier = LedgerVerifier()
        for record in try GoldenRecord.all(of: "ledger", from: Self.release) {
            verifier.check(value: Array((record.value ?? "").utf8), in: "0")
        }
        verifier.finish()
        #expect(verifier.count > 100)
        #expect(verifier.violations == [])
    }

    @Test("hold every kind of event and every decision that a release in use depends on")
    func complete() throws {
        let types = try Self.topics.flatMap { try GoldenRecord.all(of: $0, from: Self.release) }
            .compactMap { try? $0.event().type }
        let written = Set(PayloadSample.all.map(\.type))
        // That release knew no marks.
        #expect(written.subtracting(types).sorted() == [EventType.routerMarked])
        let actions = try GoldenRecord.all(of: "journal", from: Self.release)
            .map { try JournalEntry.read($0.event()).action }
        #expect(Set(actions).isSuperset(of: [.takeoverOrdered, .handoffSuperseded, .cancelRequested, .ended]))
    }

    /// Decodes the event by its type and encodes it again; nil for a type that this release does not know.
    private static func writtenAgain(_ event: CloudEvent) throws -> [UInt8]? {
        func again<Payload: EventPayload>(_: Payload.Type) throws -> [UInt8] {
            JSON.encode(try Payload.read(event))
        }
        switch event.type {
        case EventType.releaseRequested: return JSON.encode(try ReleaseRequest.read(event))
        case EventType.batonRequested: return try again(BatonRequest.self)
        case EventType.batonCancelled: return try again(CancelRequest.self)
        case EventType.batonChanged: return try again(BatonState.self)
        case EventType.dutyAssigned: return try again(Assignment.self)
        case EventType.dutyHandedOff: return try again(Handoff.self)
        case EventType.dutyProgressed: return try again(Progress.self)
        case EventType.journalWritten: return try again(JournalEntry.self)
        case EventType.releaseChanged: return try again(ReleaseRecord.self)
        case EventType.predictionMade: return try again(Prediction.self)
        case EventType.signalChanged: return try again(Signal.self)
        case EventType.usageMeasured: return try again(Usage.self)
        case EventType.ledgerAppended: return JSON.encode(try JSON.decode(LedgerEntry.self, from: event.data ?? []))
        default: return nil
        }
    }
}

extension JSONValue {
    /// Members of `old` that this value lacks or says differently, by path. What is new is no loss.
    fileprivate func lost(from old: JSONValue, at path: String = "$") -> [String] {
        switch (old, self) {
        case (.object(let old), .object(let new)):
            return old.flatMap { name, value -> [String] in
                guard let kept = new[name] else { return ["\(path).\(name)"] }
                return kept.lost(from: value, at: "\(path).\(name)")
            }.sorted()
        case (.array(let old), .array(let new)) where old.count == new.count:
            return zip(old, new).enumerated().flatMap { index, pair in
                pair.1.lost(from: pair.0, at: "\(path)[\(index)]")
            }
        default: return self == old ? [] : [path]
        }
    }
}
