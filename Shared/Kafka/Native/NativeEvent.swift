// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Kinds of events that a client may ask to have queued (they are macros in C).
let eventDelivery = Int32(RD_KAFKA_EVENT_DR)
let eventFetch = Int32(RD_KAFKA_EVENT_FETCH)
let eventError = Int32(RD_KAFKA_EVENT_ERROR)
let eventRebalance = Int32(RD_KAFKA_EVENT_REBALANCE)

/// Owner of one event taken from a queue; what it points to lives as long as it does.
struct NativeEvent: ~Copyable {
    let pointer: OpaquePointer

    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { rd_kafka_event_destroy(pointer) }

    var type: Int32 { rd_kafka_event_type(pointer) }

    /// The next message of a delivery report or fetch event.
    func nextMessage() -> UnsafePointer<rd_kafka_message_t>? { rd_kafka_event_message_next(pointer) }

    /// The error of an error event.
    func error(_ operation: String) -> KafkaError {
        KafkaError(
            rd_kafka_event_error(pointer), operation: operation,
            message: rd_kafka_event_error_string(pointer).map { String(cString: $0) },
            isFatal: type == eventError && rd_kafka_event_error_is_fatal(pointer) != 0)
    }

    /// The partition and offset that an error event is about.
    func place() -> (partition: TopicPartition, offset: Int64)? {
        guard let place = rd_kafka_event_topic_partition(pointer) else { return nil }
        defer { rd_kafka_topic_partition_destroy(place) }
        let partition = TopicPartition(topic: String(cString: place.pointee.topic), partition: place.pointee.partition)
        return (partition, place.pointee.offset)
    }
}
