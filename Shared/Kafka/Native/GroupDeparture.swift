// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// A consumer on its way out of its group: the queue on which the last rebalances come.
///
/// Used on the consumer's thread only, by one call at a time; destroyed before the client is.
struct GroupDeparture: Sendable {
    enum Step: Sendable {
        case left, waiting
        case rebalance(Rebalance)
    }

    private let handle: ClientHandle
    private let queue: SharedPointer

    init(_ handle: ClientHandle) throws {
        guard let queue = rd_kafka_queue_new(handle.client) else {
            throw KafkaError(code: .other, operation: "leave the group", message: "out of memory")
        }
        self.handle = handle
        self.queue = SharedPointer(queue)
        do {
            try handle.check(rd_kafka_consumer_close_queue(handle.client, queue), "leave the group")
        } catch {
            rd_kafka_queue_destroy(queue)
            throw error
        }
    }

    func next(within timeout: Duration) -> Step {
        if rd_kafka_consumer_closed(handle.client) != 0 { return .left }
        guard let event = NativeEvent(rd_kafka_queue_poll(queue.pointer, timeout.wholeMilliseconds)),
            event.type == eventRebalance
        else { return rd_kafka_consumer_closed(handle.client) != 0 ? .left : .waiting }
        return .rebalance(handle.rebalance(event))
    }

    func destroy() { rd_kafka_queue_destroy(queue.pointer) }
}

extension ClientHandle {
    func beginLeavingGroup() throws -> GroupDeparture { try GroupDeparture(self) }
}
