// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Synchronization

/// The topics whose partitions a producer has asked for.
///
/// librdkafka 2.0.2 asks for a topic that it is first told of by a timer that runs once a second, so a first record
/// would wait that long. Asking explicitly takes one round trip.
final class TopicKnowledge: Sendable {
    private let topics = Mutex<Set<String>>([])

    /// Whether the topic is new, and the caller the one to ask for it. Cheap when it is known.
    func claim(_ topic: String) -> Bool {
        topics.withLock { $0.insert(topic).inserted }
    }

    /// Asks for a claimed topic's partitions. Blocks for a round trip, at most a second.
    ///
    /// A failure only leaves the matter to librdkafka's timer, and the next record asks again.
    func learn(_ topic: String, with handle: ClientHandle) {
        if !handle.requestMetadata(of: topic, within: .seconds(1)) {
            topics.withLock { _ = $0.remove(topic) }
        }
    }
}

extension ClientHandle {
    fileprivate func requestMetadata(of topic: String, within timeout: Duration) -> Bool {
        guard let handle = rd_kafka_topic_new(client, topic, nil) else { return false }
        // librdkafka keeps the topic itself; this only gives our reference back.
        defer { rd_kafka_topic_destroy(handle) }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, handle, &metadata, timeout.wholeMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            context.note(KafkaError(code, operation: "learn the partitions of \(topic)"))
            return false
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        return metadata.pointee.topic_cnt == 1 && metadata.pointee.topics[0].partition_cnt > 0
    }
}
