// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Synchronization

/// The topics whose partitions a producer has asked for.
///
/// librdkafka 2.0.2 asks for a topic that it is first told of by a timer that runs once a second, so a first record
/// would wait that long. Asking explicitly takes one round trip.
final class TopicKnowledge: Sendable {
    /// A number of partitions that is older is asked for again: it grows when somebody adds some.
    private static let lifetime = Duration.seconds(30)

    private let topics = Mutex<Set<String>>([])
    private let counts = Mutex<[String: (count: Int32, at: ContinuousClock.Instant)]>([:])

    /// Whether the topic is new, and the caller the one to ask for it. Cheap when it is known.
    func claim(_ topic: String) -> Bool {
        topics.withLock { $0.insert(topic).inserted }
    }

    /// Asks for a claimed topic's partitions. Blocks for a round trip, at most a second.
    ///
    /// A failure only leaves the matter to librdkafka's timer, and the next record asks again.
    func learn(_ topic: String, with handle: ClientHandle) {
        if handle.requestPartitions(of: topic, within: .seconds(1)) == nil {
            topics.withLock { _ = $0.remove(topic) }
        }
    }

    /// The partition in which a record with this key lands. Blocks for a round trip now and then, at most a second.
    func partition(of key: [UInt8], in topic: String, with handle: ClientHandle) throws -> Int32 {
        let known = counts.withLock { $0[topic] }.flatMap { .now - $0.at < Self.lifetime ? $0.count : nil }
        guard let count = known ?? handle.requestPartitions(of: topic, within: .seconds(1)) else {
            throw KafkaError(
                code: .timedOut, operation: "learn the partitions of \(topic)", message: "no broker has answered yet",
                isRetriable: true)
        }
        if known == nil { counts.withLock { $0[topic] = (count, .now) } }
        return key.withUnsafeBytes {
            rd_kafka_msg_partitioner_murmur2(nil, $0.baseAddress, $0.count, count, nil, nil)
        }
    }
}

extension ClientHandle {
    /// How many partitions a topic has; nil when nobody says.
    fileprivate func requestPartitions(of topic: String, within timeout: Duration) -> Int32? {
        guard let handle = rd_kafka_topic_new(client, topic, nil) else { return nil }
        // librdkafka keeps the topic itself; this only gives our reference back.
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, handle, &metadata, timeout.wholeMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            context.note(KafkaError(code, operation: "learn the partitions of \(topic)"))
            return nil
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt == 1, metadata.pointee.topics[0].partition_cnt > 0 else { return nil }
        return metadata.pointee.topics[0].partition_cnt
    }
}
