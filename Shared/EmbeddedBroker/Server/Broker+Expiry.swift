// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension Broker {
    private var expiryRule: ExpiryRule {
        ExpiryRule(
            producerIDMilliseconds: configuration.producerIDExpiration.wholeMilliseconds,
            transactionalIDMilliseconds: configuration.transactionalIDExpiration.wholeMilliseconds,
            offsetsMilliseconds: configuration.offsetsRetention.wholeMilliseconds)
    }

    /// Forgets what clients have not used for long.
    func expire(now: Int64) throws(ErrorCode) {
        let rule = expiryRule
        for partition in topics.values.flatMap(\.partitions) {
            partition.log.forgetProducers { rule.isExpired($0, now: now) }
        }
        for (id, transaction) in transactions where rule.isExpired(transaction, now: now) {
            try record(.transactionDeleted(TransactionDeletedRecord(transactionalID: id)))
            transactions[id] = nil
            transactionalIDs[transaction.producerID] = nil
            lastCommits.forget(producerID: transaction.producerID)
            lastCommits.forget(producerID: transaction.previousProducerID)
            logger.info("Transactional id forgotten", metadata: ["transactional-id": "\(id)"])
        }
        for id in Set(groups.keys).union(offsets.keys) { try expireGroup(id, rule, now: now) }
    }

    private func expireGroup(_ id: String, _ rule: ExpiryRule, now: Int64) throws(ErrorCode) {
        let group = groups[id]
        guard group.map({ $0.members.isEmpty && $0.pending.isEmpty }) ?? true else {
            emptyGroups[id] = nil
            return
        }
        guard let since = emptyGroups[id] else {
            try record(.groupEmptied(GroupEmptiedRecord(groupID: id, since: now)))
            emptyGroups[id] = now
            return
        }
        let known = offsets[id] ?? GroupOffsets()
        let expired = rule.expired(known, emptySince: since, now: now)
        if !expired.isEmpty {
            try record(.offsetsDeleted(OffsetsDeletedRecord(groupID: id, topics: [TopicPartitions](expired))))
            for partition in expired { offsets[id]?.delete(partition) }
            logger.info("Offsets of a group expired", metadata: ["group": "\(id)", "partitions": "\(expired.count)"])
        }
        guard offsets[id]?.isEmpty ?? true, now - since >= rule.offsetsMilliseconds else { return }
        try record(.groupDeleted(GroupDeletedRecord(groupID: id)))
        offsets[id] = nil
        groups[id] = nil
        groupMemory.set(id, nil)
        emptyGroups[id] = nil
        groupTimers.removeValue(forKey: id)?.cancel()
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
