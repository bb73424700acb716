// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import JudgeRules
import Kafka
import Operations

/// Makes facts of records.
struct SeenRecords: Sendable {
    let topics: Topics
    private let channels: [String: Channel]

    init(topics: Topics) {
        self.topics = topics
        channels = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0.name(topics), $0) })
    }

    func channel(of topic: String) -> Channel? { channels[topic] }

    /// nil for a topic that the judge does not know, and for signals and ground truth, which no rule speaks of.
    func fact(_ record: ConsumerRecord, seenAt: Timestamp) -> Fact? {
        guard let channel = channel(of: record.topic) else { return nil }
        let content: Fact.Content?
        do {
            content = try read(record, channel)
        } catch {
            content = .unreadable(reason: inPlainWords(error), value: SeenValue(record.value ?? []))
        }
        return content.map {
            Fact(
                place: Place(channel: channel, partition: record.partition, offset: record.offset),
                claimedAt: Timestamp(milliseconds: record.timestampMilliseconds), seenAt: seenAt, content: $0)
        }
    }

    private func read(_ record: ConsumerRecord, _ channel: Channel) throws(Refusal) -> Fact.Content? {
        switch channel {
        case .inbox:
            let event = try event(record)
            _ = try ReleaseRequest.read(event)
            return .inboxRequest(BatonID(source: event.source, id: event.id))
        case .batonEvents: return try batonEvent(record)
        case .batons: return .state(SeenState(try BatonState.read(event(record)), key: record.key))
        case .pipeline, .deploy, .monitor, .governance:
            let assignment = try Assignment.read(event(record))
            guard Channel(assignment.duty.leg) == channel else {
                throw Refusal("the duty \(assignment.duty.rawValue) is not one of this leg")
            }
            return .assignment(SeenAssignment(assignment))
        case .journal:
            let entry = try JournalEntry.read(event(record))
            return .journal(entry, SeenID(id: ShortDigest(entry.id), content: ShortDigest(of: entry)))
        case .releases: return .release(SeenRelease(try ReleaseRecord.read(event(record)), key: record.key))
        case .usage:
            let usage = try Usage.read(event(record))
            return .usage(SeenID(id: ShortDigest(usage.id), content: ShortDigest(of: usage)))
        case .ledger: return .entry(try entry(record.value ?? []))
        case .deadLetters:
            // The note that an operator published a letter again.
            if record.headers.contains(where: { $0.name == "relay_replayed" }) { return nil }
            return .deadLetter(letter(record))
        case .progress:
            let progress = try Progress.read(event(record))
            return .progress(progress.key, progress.lane)
        case .predictions:
            // How far a router is, in the midst of what it answered.
            let type = record.headers.first { $0.name == "ce_type" }?.value
            if type == Array(RouterMark.eventType.utf8) { return nil }
            let served = try JSON.decode(Served.self, from: record.value ?? [])
            return .prediction(
                SeenAnswer(
                    baton: served.baton, at: served.at, router: served.router.flatMap(RouterID.init),
                    number: served.number))
        case .signals, .outcomes: return nil
        }
    }

    private struct Served: Decodable {
        var baton: BatonID
        var at: Timestamp?
        var router: String?
        var number: Int64?
    }

    private func event(_ record: ConsumerRecord) throws(Refusal) -> CloudEvent {
        try CloudEvent(kafkaHeaders: record.headers.map { (name: $0.name, value: $0.value) }, value: record.value)
    }

    private func batonEvent(_ record: ConsumerRecord) throws(Refusal) -> Fact.Content {
        let event = try event(record)
        let (baton, content): (BatonID, Fact.Content)
        switch event.type {
        case BatonRequest.eventType:
            let request = try BatonRequest.read(event)
            guard request.baton == BatonID(source: request.source, id: request.id) else {
                throw Refusal("baton \(request.baton) is not the one that its request's source and id give")
            }
            (baton, content) = (request.baton, .request(request.baton))
        case CancelRequest.eventType:
            let cancel = try CancelRequest.read(event)
            (baton, content) = (cancel.baton, .cancel(cancel.baton))
        case Handoff.eventType:
            let handoff = try Handoff.read(event)
            (baton, content) = (handoff.baton, .handoff(SeenHandoff(handoff)))
        default: throw Refusal("events of type \"\(event.type)\" do not belong on this topic")
        }
        guard record.key == Array(baton.description.utf8) else {
            throw Refusal("the record's key is not its baton \(baton)")
        }
        return content
    }

    private func entry(_ value: [UInt8]) throws(Refusal) -> SeenEntry {
        let entry = try JSON.decode(LedgerEntry.self, from: value)
        let (fact, price): (SeenID, Money?) =
            switch entry.fact {
            case .journal(let entry, _): (SeenID(id: ShortDigest(entry.id), content: ShortDigest(of: entry)), nil)
            case .usage(let usage, let price):
                (SeenID(id: ShortDigest(usage.id), content: ShortDigest(of: usage)), price)
            case .quarantine(let aside):
                (SeenID(id: ShortDigest(entry.fact.id), content: ShortDigest(of: aside)), nil)
            }
        let aside: SeenEntry.Aside? =
            if case .quarantine(let aside) = entry.fact {
                .init(offset: aside.offset, value: ShortDigest(hex: aside.digest))
            } else { nil }
        return SeenEntry(
            chain: entry.chain, sequence: entry.sequence, previous: entry.previous, hash: entry.hash,
            digest: Self.ledgerDigest(of: value, stating: entry.hash), fact: fact, baton: entry.fact.baton,
            aside: aside, value: ShortDigest(value), price: price,
            origin: channel(of: entry.origin.topic).map {
                Place(channel: $0, partition: entry.origin.partition, offset: entry.origin.offset)
            })
    }

    /// The hash of an entry as the ledger's page defines it: over the value's own bytes, without the first member
    /// `hash`. Nothing is written anew, so this stands or falls with what is stored.
    static func ledgerDigest(of value: [UInt8], stating hash: String) -> String {
        let member = Array("\"hash\":\"\(hash)\",".utf8)
        guard let start = value.indices.first(where: { value[$0...].starts(with: member) }) else {
            return SHA256.hash(value).hex
        }
        return SHA256.hash(value[..<start] + value[(start + member.count)...]).hex
    }

    private func letter(_ record: ConsumerRecord) -> SeenLetter {
        var headers: [String: String] = [:]
        // Of a letter about a letter the last ones count: they were put on top.
        for header in record.headers where header.name.hasPrefix("relay_") {
            headers[header.name] = header.value.flatMap { String(validating: $0, as: UTF8.self) }
        }
        let names = ["relay_reason", "relay_topic", "relay_partition", "relay_offset", "relay_reader"]
        var origin: Place?
        if let channel = headers["relay_topic"].flatMap(channel),
            let offset = headers["relay_offset"].flatMap(Int64.init),
            let partition = headers["relay_partition"].flatMap(Int32.init)
        {
            origin = Place(channel: channel, partition: partition, offset: offset)
        }
        return SeenLetter(
            origin: origin, reader: headers["relay_reader"], missing: names.filter { headers[$0]?.isEmpty ?? true },
            value: headers["relay_omitted_bytes"].flatMap(Int.init).map(SeenValue.init(omittedBytes:))
                ?? SeenValue(record.value ?? []))
    }
}

extension Channel {
    /// The topic's full name.
    func name(_ topics: Topics) -> String { topics.prefix + rawValue }
}
