// SPDX-License-Identifier: Apache-2.0

import Logging

extension ListOffsetsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ListOffsetsResponse) -> Void) {
        // Records in a transaction, or sent with acks of 1, are acknowledged before they are durable, and so are
        // markers: before the high watermark has passed them. Who asks for the end is told of them all the same.
        broker.whenDurable(Set(topics.flatMap(\.ends))) { reply(answer(on: broker)) }
    }

    private func answer(on broker: Broker) -> ListOffsetsResponse {
        ListOffsetsResponse(
            topics: topics.map { topic in
                ListOffsetsResponse.Topic(
                    name: topic.name,
                    partitions: topic.partitions.map { wanted in
                        do throws(ErrorCode) {
                            return try broker.offset(topic.name, wanted, isolationLevel: isolationLevel)
                        } catch {
                            return ListOffsetsResponse.Partition(index: wanted.index, error: error)
                        }
                    })
            })
    }
}

extension ListOffsetsRequest.Topic {
    /// The partitions whose end is asked for.
    fileprivate var ends: [TopicPartition] {
        partitions.filter { $0.timestamp == ListOffsetsRequest.latest }.map {
            TopicPartition(topic: name, partition: $0.index)
        }
    }
}

extension Broker {
    fileprivate func offset(
        _ topic: String, _ wanted: ListOffsetsRequest.Partition, isolationLevel: Int8
    ) throws(ErrorCode) -> ListOffsetsResponse.Partition {
        let partition = try partition(topic, wanted.index)
        try check(leaderEpoch: wanted.currentLeaderEpoch)
        let limit = partition.limit(isolationLevel: isolationLevel)
        var answer = ListOffsetsResponse.Partition(index: wanted.index, leaderEpoch: Self.leaderEpoch)
        let found: (offset: Int64, timestamp: Int64)?
        switch wanted.timestamp {
        case ListOffsetsRequest.latest:
            found = (limit, -1)
        case ListOffsetsRequest.earliest:
            found = (partition.log.logStartOffset, -1)
        case ListOffsetsRequest.maxTimestamp:
            found = try onStorage("\(partition.id)") { try partition.log.latestRecord(limit: limit) }
        case 0...:
            found = try onStorage("\(partition.id)") {
                try partition.log.firstRecord(atOrAfter: wanted.timestamp, limit: limit)
            }
        default:
            throw .unsupportedVersion
        }
        if let found { (answer.offset, answer.timestamp) = found }
        return answer
    }
}

extension OffsetForLeaderEpochRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (OffsetForLeaderEpochResponse) -> Void) {
        reply(
            OffsetForLeaderEpochResponse(
                topics: topics.map { topic in
                    OffsetForLeaderEpochResponse.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { wanted in
                            var answer = OffsetForLeaderEpochResponse.Partition(index: wanted.index)
                            do throws(ErrorCode) {
                                let partition = try broker.partition(topic.name, wanted.index)
                                try broker.check(leaderEpoch: wanted.currentLeaderEpoch)
                                if wanted.leaderEpoch == Broker.leaderEpoch {
                                    answer.leaderEpoch = Broker.leaderEpoch
                                    answer.endOffset = partition.highWatermark
                                }
                            } catch {
                                answer.error = error
                            }
                            return answer
                        })
                }))
    }
}
