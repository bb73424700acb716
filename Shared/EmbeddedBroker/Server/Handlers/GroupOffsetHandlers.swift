// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension OffsetCommitRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (OffsetCommitResponse) -> Void) {
        let claim = MemberClaim(memberID: memberID, instanceID: groupInstanceID, generation: generation)
        var commit = OffsetCommit(broker: broker)
        for topic in topics {
            commit.add(
                topic.name, topic.partitions.map { ($0.index, $0.offset, $0.leaderEpoch, $0.metadata) })
        }
        do throws(ErrorCode) {
            try broker.validateCommit(groupID, claim, isTransactional: false)
            if !commit.accepted.isEmpty {
                try broker.record(OffsetsRecord.records(groupID: groupID, commit.accepted))
                broker.offsets[groupID, default: GroupOffsets()].commit(commit.accepted)
            }
        } catch {
            return reply(OffsetCommitResponse(topics: commit.answers(refusedWith: error.ofCoordinator)))
        }
        let answers = commit.answers()
        broker.metadataGate.whenDurable { reply(OffsetCommitResponse(topics: answers)) }
    }
}

extension TxnOffsetCommitRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (TxnOffsetCommitResponse) -> Void) {
        let claim = MemberClaim(memberID: memberID, instanceID: groupInstanceID, generation: generation)
        var commit = OffsetCommit(broker: broker)
        for topic in topics {
            commit.add(
                topic.name, topic.partitions.map { ($0.index, $0.offset, $0.leaderEpoch, $0.metadata) })
        }
        do throws(ErrorCode) {
            try broker.checkOffsetTransaction(self)
            try broker.validateCommit(groupID, claim, isTransactional: true)
            if !commit.accepted.isEmpty {
                try broker.record(
                    OffsetsRecord.records(groupID: groupID, producerID: producerID, commit.accepted), isAwaited: false)
                broker.offsets[groupID, default: GroupOffsets()].stage(commit.accepted, producerID: producerID)
            }
        } catch {
            return reply(TxnOffsetCommitResponse(topics: commit.answers(refusedWith: error.ofCoordinator)))
        }
        // Not waited for: the end of the transaction makes them durable.
        reply(TxnOffsetCommitResponse(topics: commit.answers()))
    }
}

/// Offsets as sent, sorted into those that can be taken and those that cannot.
private struct OffsetCommit {
    let broker: Broker
    var accepted: [TopicPartition: CommittedOffset] = [:]
    private var results: [TopicErrors] = []

    init(broker: Broker) { self.broker = broker }

    mutating func add(
        _ topic: String, _ partitions: [(index: Int32, offset: Int64, leaderEpoch: Int32, metadata: String?)]
    ) {
        let now = broker.wallClock
        var result = TopicErrors(name: topic)
        for partition in partitions {
            var error = ErrorCode.none
            let metadata = partition.metadata ?? ""
            if broker.topics[topic]?.partitions.indices.contains(Int(partition.index)) != true {
                error = .unknownTopicOrPartition
            } else if metadata.utf8.count > broker.configuration.offsetMetadataMaxBytes {
                error = .offsetMetadataTooLarge
            } else {
                accepted[TopicPartition(topic: topic, partition: partition.index)] = CommittedOffset(
                    offset: partition.offset, leaderEpoch: partition.leaderEpoch, metadata: metadata,
                    committedAt: now)
            }
            result.partitions.append(TopicErrors.Partition(index: partition.index, error: error))
        }
        results.append(result)
    }

    func answers(refusedWith refusal: ErrorCode? = nil) -> [TopicErrors] {
        guard let refusal else { return results }
        return results.map { topic in
            TopicErrors(
                name: topic.name,
                partitions: topic.partitions.map { TopicErrors.Partition(index: $0.index, error: refusal) })
        }
    }
}

extension Broker {
    fileprivate func validateCommit(
        _ groupID: String, _ claim: MemberClaim, isTransactional: Bool
    ) throws(ErrorCode) {
        try checkStorage()
        guard !groupID.isEmpty else { throw .invalidGroupID }
        guard groups[groupID] != nil else {
            guard claim.generation < 0 else { throw .illegalGeneration }
            if offsets[groupID] == nil { try checkGroupCount() }
            return
        }
        try groups[groupID]?.validateCommit(claim, isTransactional: isTransactional)
        // The timer stays: it comes too early now, finds nothing due, and sets the next.
        groups[groupID]?.heard(claim.memberID, now: .now())
    }

    fileprivate func checkOffsetTransaction(_ request: TxnOffsetCommitRequest) throws(ErrorCode) {
        guard let transaction = transactions[request.transactionalID],
            transaction.producerID == request.producerID
        else { throw .invalidProducerIDMapping }
        guard transaction.epoch == request.producerEpoch else { throw .invalidProducerEpoch }
        guard transaction.state == .ongoing, transaction.groups.contains(request.groupID) else {
            throw .invalidTransactionState
        }
    }
}

extension OffsetFetchRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (OffsetFetchResponse) -> Void) {
        var response = OffsetFetchResponse()
        if context.version >= 8 {
            response.groups = groups.map { group in
                OffsetFetchResponse.Group(
                    groupID: group.groupID,
                    topics: broker.fetchOffsets(group.groupID, group.topics, requireStable: requireStable))
            }
        } else {
            // Before version 2 there was no way to ask for all.
            let wanted = context.version < 2 ? topics ?? [] : topics
            response.topics = broker.fetchOffsets(groupID, wanted, requireStable: requireStable)
        }
        reply(response)
    }
}

extension Broker {
    fileprivate func fetchOffsets(
        _ groupID: String, _ wanted: [TopicPartitions]?, requireStable: Bool
    ) -> [OffsetFetchResponse.Topic] {
        let known = offsets[groupID] ?? GroupOffsets()
        let asked = wanted ?? [TopicPartitions](known.committed.keys)
        return asked.map { topic in
            OffsetFetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { index in
                    let id = TopicPartition(topic: topic.name, partition: index)
                    if requireStable, known.isUnstable(id) {
                        return OffsetFetchResponse.Partition(index: index, error: .unstableOffsetCommit)
                    }
                    guard let committed = known.committed[id] else {
                        return OffsetFetchResponse.Partition(index: index)
                    }
                    return OffsetFetchResponse.Partition(
                        index: index, offset: committed.offset, leaderEpoch: committed.leaderEpoch,
                        metadata: committed.metadata)
                })
        }
    }
}
