// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Times with a special meaning to ListOffsets (KIP-79).
enum TimeQuery {
    static let end: Int64 = -1
    static let beginning: Int64 = -2
}

extension ClientHandle {
    /// How long a partition may be unknown until that counts: librdkafka says so, too, of all partitions whose brokers
    /// end or come back while it asks who leads them.
    private static let unknownLimit = Duration.seconds(5)

    /// Asks the partitions' leaders for offsets by time; retries while brokers cannot be reached.
    ///
    /// Partitions for which there is no such offset are left out.
    func offsets(
        _ partitions: [TopicPartition], time: Int64, _ patience: Patience
    ) throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let deadline = ContinuousClock.now + Self.unknownLimit
        while true {
            do {
                return try offsets(partitions, time: time, within: patience.nextWait)
            } catch let error as KafkaError where error.isRetriable && !patience.isOver {
                context.note(error)
            } catch let error as KafkaError
                where error.code == .unknownTopicOrPartition && !patience.isOver && ContinuousClock.now < deadline
            {
                context.note(error)
                serveCallbacks(waitingUpTo: .milliseconds(100))
            }
        }
    }

    private func offsets(
        _ partitions: [TopicPartition], time: Int64, within timeout: Duration
    ) throws -> [TopicPartition: Int64] {
        let operation = "look up offsets"
        let list = PartitionList(partitions.map { CommittedOffset(topicPartition: $0, offset: time) })
        try check(rd_kafka_offsets_for_times(client, list.pointer, timeout.wholeMilliseconds), operation)
        try list.checkEntries(operation)
        return Dictionary(list.entries.filter { $0.offset >= 0 }.map { ($0.partition, $0.offset) }) { _, last in last }
    }
}
