// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import Testing

@testable import JudgeRules
@testable import RelayClients

/// A race as it was: the topics of a relay (but for predictions and signals) after a release whose pipeline was frozen
/// until the fallback took over, and then thawed; and a request that could not be read. Written by
/// `kcat -C -J -X isolation.level=read_committed`.
@Suite("A recorded race")
struct JudgeRecordedTests {
    private struct Line: Decodable {
        var topic: String
        var partition: Int32
        var offset: Int64
        var ts: Int64
        var headers: [String]?
        var key: String?
        var payload: String?
    }

    static let world: Result<JudgeWorld, any Error> = Result {
        let path =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Fixtures/judge/race.jsonl"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let records = try text.split(separator: "\n").map { line in
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            let words = line.headers ?? []
            return ConsumerRecord(
                topic: line.topic, partition: line.partition, offset: line.offset, key: line.key.map { Array($0.utf8) },
                value: line.payload.map { Array($0.utf8) },
                headers: stride(from: 0, to: words.count - 1, by: 2).map {
                    KafkaHeader(name: words[$0], text: words[$0 + 1])
                }, timestampMilliseconds: line.ts)
        }
        return JudgeWorld(records: records)
    }

    @Test("is legal, in whatever order it is read", arguments: 0..<4)
    func legal(seed: UInt64) throws {
        let judgements = try Self.world.get().judgements(seed: seed)
        #expect(judgements.flatMap(\.verdict.violations) == [])
        #expect(judgements.filter { $0.verdict.looked == 0 }.map(\.rule) == [ScreenRule.name])
        #expect(judgements.first { $0.rule == SupersededRule.name }?.verdict.note == "1 superseded")
    }

    @Test("lacks no record without being noticed")
    func leftOut() throws {
        let world = try Self.world.get()
        let topics = world.topics
        for (index, record) in world.records.enumerated() {
            // A state that is followed by another may be compacted away, and signs of life are kept for an hour.
            let isLast = !world.records[(index + 1)...].contains {
                $0.topic == topics.batons && $0.partition == record.partition
            }
            if record.topic == topics.progress || (record.topic == topics.batons && !isLast) { continue }
            var changed = world
            changed.remove(index)
            #expect(!changed.violations().isEmpty, "without \(record.topicPartition) offset \(record.offset)")
        }
    }

    @Test("holds no record twice without being noticed")
    func twice() throws {
        let world = try Self.world.get()
        let topics = world.topics
        for record in world.records where ![topics.progress, topics.usage].contains(record.topic) {
            // What a leg decided is the same fact however often it is written; the captain writes everything once.
            let text = String(decoding: record.value ?? [], as: UTF8.self)
            if record.topic == topics.journal, text.contains(#""action":"decided""#) { continue }
            var changed = world
            let place = changed.write(
                record.topic, key: record.key.map { String(decoding: $0, as: UTF8.self) }, value: record.value,
                headers: record.headers, partition: record.partition)
            let named = changed.violations().contains { $0.place == place }
            #expect(named, "\(record.topicPartition) offset \(record.offset) again")
        }
    }
}
