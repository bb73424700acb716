// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// What one wait on a consumer's queue brought; empty when the time is over or another call wants the thread.
struct PollSlice: Sendable {
    /// How far a partition has been read: everything before the offset.
    struct End: Sendable {
        var partition: TopicPartition
        var offset: Int64
    }

    var records: [ConsumerRecord] = []
    var ends: [End] = []
    /// Came after the records, as the last thing.
    var rebalance: Rebalance?
    /// Came after the records, as the last thing.
    var failure: KafkaError?
}

extension ClientHandle {
    /// Waits for the first event, then takes what else is there without waiting, up to a rebalance or failure.
    func pollSlice(maximum: Int, within timeout: Duration) -> PollSlice {
        var slice = PollSlice()
        var wait = timeout
        while slice.records.count < max(1, maximum), slice.rebalance == nil, slice.failure == nil,
            let event = nextEvent(within: wait)
        {
            wait = .zero
            interpret(event, into: &slice)
        }
        return slice
    }

    private func interpret(_ event: borrowing NativeEvent, into slice: inout PollSlice) {
        switch event.type {
        case eventFetch:
            if let message = event.nextMessage() { slice.records.append(ConsumerRecord(message)) }
        case eventRebalance: slice.rebalance = rebalance(event)
        case eventError: interpretError(event, into: &slice)
        default: break
        }
    }

    func rebalance(_ event: borrowing NativeEvent) -> Rebalance {
        let list = rd_kafka_event_topic_partition_list(event.pointer)
        let partitions = list.map { PartitionList.entries(of: $0).map(\.partition) } ?? []
        if rd_kafka_event_error(event.pointer) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            return .assign(partitions)
        }
        return .revoke(partitions, lost: rd_kafka_assignment_lost(client) != 0)
    }

    private func interpretError(_ event: borrowing NativeEvent, into slice: inout PollSlice) {
        if rd_kafka_event_error(event.pointer) == RD_KAFKA_RESP_ERR__PARTITION_EOF, let place = event.place() {
            slice.ends.append(.init(partition: place.partition, offset: place.offset))
            return
        }
        let error = event.error("read")
        if error.isFatal {
            slice.failure = fatalFailure("read") ?? error
            return
        }
        // These need a human; all others librdkafka retries, or a rebalance follows.
        switch error.code {
        case .notAuthorised, .authenticationFailed, .invalidConfiguration: slice.failure = error
        default: context.note(error)
        }
    }
}
