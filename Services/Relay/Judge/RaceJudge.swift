// SPDX-License-Identifier: Apache-2.0

import Baton
import JudgeRules
import Kafka
import Synchronization

/// Takes in records and what the feed says, from several tasks at once, and judges them by every rule.
final class RaceJudge: Sendable {
    private let records: SeenRecords
    private let rules: Mutex<RuleSet>

    init(_ strictness: RuleSet.Strictness, topics: Topics) {
        records = SeenRecords(topics: topics)
        rules = Mutex(RuleSet(strictness))
    }

    /// Takes in records as they were read.
    func take(_ batch: [ConsumerRecord], at now: Timestamp) {
        // Reading them is most of the work, and needs no lock.
        let facts = batch.compactMap { records.fact($0, seenAt: now) }
        rules.withLock { rules in for fact in facts { rules.observe(fact) } }
    }

    func take(_ sight: Sight) { rules.withLock { $0.observe(sight) } }

    func forgotten(_ partition: TopicPartition, before offset: Int64) {
        guard let channel = records.channel(of: partition.topic) else { return }
        let place = Place(channel: channel, partition: partition.partition, offset: offset)
        rules.withLock { $0.forgotten(before: place) }
    }

    /// Whether a record is of a race, and not of serving, which goes on after it.
    func isOfRace(_ record: ConsumerRecord) -> Bool {
        switch records.channel(of: record.topic) {
        case .usage, .ledger, .predictions, .outcomes, .signals, nil: false
        default: true
        }
    }

    func isSettled(at now: Timestamp) -> Bool { rules.withLock { $0.isSettled(at: now) } }

    /// - Parameter ends: how far each partition counts.
    func judgements(at now: Timestamp, until ends: [TopicPartition: Int64]) -> [Judgement] {
        var cut: [Cut.Partition: Int64] = [:]
        for (partition, end) in ends {
            guard let channel = records.channel(of: partition.topic) else { continue }
            cut[Cut.Partition(channel: channel, partition: partition.partition)] = end
        }
        return rules.withLock { $0.judgements(at: now, cut: Cut(ends: cut)) }
    }

    /// Records that a rule looked at.
    var count: Int { rules.withLock { $0.records } }
}
