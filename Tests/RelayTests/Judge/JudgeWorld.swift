// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Kafka
import TestSupport
import Testing

@testable import Judge
@testable import JudgeRules

/// The topics of a relay as a history fills them, and as a forger changes them.
struct JudgeWorld: Sendable {
    static let partitions: Int32 = 4

    let topics = Topics()
    var now = Timestamp(milliseconds: 1_790_000_000_000)
    private(set) var records: [ConsumerRecord] = []
    private var ends: [TopicPartition: Int64] = [:]

    init(records: [ConsumerRecord] = []) {
        for record in records { take(record) }
    }

    // MARK: Writing

    static func partition(of key: String) -> Int32 {
        Int32(key.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }) % partitions
    }

    /// Writes any record.
    @discardableResult
    mutating func write(
        _ topic: String, key: String?, value: [UInt8]?, headers: [KafkaHeader] = [], partition: Int32? = nil,
        at time: Timestamp? = nil
    ) -> Place {
        let partition = partition ?? key.map(Self.partition) ?? 0
        let offset = ends[TopicPartition(topic: topic, partition: partition)] ?? 0
        let record = ConsumerRecord(
            topic: topic, partition: partition, offset: offset, key: key.map { Array($0.utf8) }, value: value,
            headers: headers, timestampMilliseconds: (time ?? now).milliseconds)
        take(record)
        return place(record)
    }

    /// Writes a payload as the suite does.
    @discardableResult
    mutating func write(
        _ payload: some EventPayload, _ topic: String, key: String, partition: Int32? = nil, at time: Timestamp? = nil
    ) -> Place {
        let event = payload.event(id: "id", source: "relay/test", subject: nil, time: time ?? now)
        return write(
            topic, key: key, value: event.data,
            headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) }, partition: partition,
            at: time)
    }

    private mutating func take(_ record: ConsumerRecord) {
        records.append(record)
        ends[record.topicPartition] = record.offset + 1
        now = max(now, Timestamp(milliseconds: record.timestampMilliseconds))
    }

    func place(_ record: ConsumerRecord) -> Place {
        let channel = SeenRecords(topics: topics).channel(of: record.topic) ?? .signals
        return Place(channel: channel, partition: record.partition, offset: record.offset)
    }

    // MARK: Finding and forging

    /// Payloads of a topic with their places in `records`.
    func all<Payload: EventPayload>(_ type: Payload.Type, _ topic: String) -> [(index: Int, payload: Payload)] {
        records.indices.compactMap { index in
            guard records[index].topic == topic, let payload = try? JSON.decode(type, from: records[index].value ?? [])
            else { return nil }
            return (index, payload)
        }
    }

    func first<Payload: EventPayload>(
        _ type: Payload.Type, _ topic: String, _ isWanted: (Payload) -> Bool
    ) throws -> (index: Int, payload: Payload) {
        try #require(all(type, topic).first { isWanted($0.payload) })
    }

    func last<Payload: EventPayload>(
        _ type: Payload.Type, _ topic: String, _ isWanted: (Payload) -> Bool
    ) throws -> (index: Int, payload: Payload) {
        try #require(all(type, topic).last { isWanted($0.payload) })
    }

    /// Changes what a record says.
    mutating func change<Payload: EventPayload>(
        _ found: (index: Int, payload: Payload), _ change: (inout Payload) -> Void
    ) -> Place {
        var payload = found.payload
        change(&payload)
        records[found.index].value = JSON.encode(payload)
        return place(records[found.index])
    }

    mutating func change(_ index: Int, _ change: (inout ConsumerRecord) -> Void) -> Place {
        change(&records[index])
        return place(records[index])
    }

    /// Takes records away; their offsets stay empty, as those of aborted ones do.
    @discardableResult
    mutating func remove(_ index: Int) -> Place {
        defer { records.remove(at: index) }
        return place(records[index])
    }

    // MARK: Judging

    /// What the judge says of this world, its partitions read one by one in an order that the seed decides.
    func judgements(_ measure: RuleSet.Strictness = RuleSet.Strictness(), seed: UInt64 = 0, forgotten: [Place] = [])
        -> [Judgement]
    {
        var judge = RuleSet(measure)
        for place in forgotten { judge.forgotten(before: place) }
        let reader = SeenRecords(topics: topics)
        let later = now + .seconds(600)
        var generator = SeededGenerator(seed: seed)
        var queues = Dictionary(grouping: records, by: \.topicPartition)
            .mapValues { $0.sorted { $0.offset < $1.offset }[...] }
        while let partition = queues.keys.sorted().randomElement(using: &generator) {
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                guard let record = queues[partition]?.popFirst() else { break }
                if let fact = reader.fact(record, seenAt: later) { judge.observe(fact) }
            }
            if queues[partition]?.isEmpty ?? true { queues[partition] = nil }
        }
        return judge.judgements(at: later)
    }

    func violations(_ measure: RuleSet.Strictness = RuleSet.Strictness(), seed: UInt64 = 0) -> [Violation] {
        judgements(measure, seed: seed).flatMap(\.verdict.violations)
    }
}
