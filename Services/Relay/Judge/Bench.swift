// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Synchronization

/// Where facts come in from several sides, and judgements go out.
final class Bench: Sendable {
    private let records: SeenRecords
    private let judge: Mutex<Judge>

    init(_ measure: Judge.Measure, topics: Topics) {
        records = SeenRecords(topics: topics)
        judge = Mutex(Judge(measure))
    }

    /// Takes in records as they were read.
    func take(_ batch: [ConsumerRecord], at now: Timestamp) {
        // Reading them is most of the work, and needs no lock.
        let facts = batch.compactMap { records.fact($0, seenAt: now) }
        judge.withLock { judge in for fact in facts { judge.observe(fact) } }
    }

    func take(_ sight: Sight) { judge.withLock { $0.observe(sight) } }

    func forgotten(_ partition: TopicPartition, before offset: Int64) {
        guard let channel = records.channel(of: partition.topic) else { return }
        let place = Place(channel: channel, partition: partition.partition, offset: offset)
        judge.withLock { $0.forgotten(before: place) }
    }

    /// Whether a record is of a race, and not of serving, which goes on after it.
    func isOfRace(_ record: ConsumerRecord) -> Bool {
        switch records.channel(of: record.topic) {
        case .usage, .ledger, .predictions, .outcomes, .signals, nil: false
        default: true
        }
    }

    func isSettled(at now: Timestamp) -> Bool { judge.withLock { $0.isSettled(at: now) } }

    /// - Parameter ends: how far each partition counts.
    func judgements(at now: Timestamp, until ends: [TopicPartition: Int64]) -> [Judgement] {
        var cut: [Cut.Partition: Int64] = [:]
        for (partition, end) in ends {
            guard let channel = records.channel(of: partition.topic) else { continue }
            cut[Cut.Partition(channel: channel, partition: partition.partition)] = end
        }
        return judge.withLock { $0.judgements(at: now, cut: Cut(ends: cut)) }
    }

    /// Records that a rule looked at.
    var count: Int { judge.withLock { $0.records } }
}
