// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Synchronization

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

    var hasOnlyEnds: Bool { records.isEmpty && rebalance == nil && failure == nil }
    var isEmpty: Bool { hasOnlyEnds && ends.isEmpty }

    /// Whether what waits behind it may be taken before anybody has looked at it: not behind a rebalance, whose answer
    /// may give up the partitions of what would be taken.
    func allowsReadingAhead(maximum: Int) -> Bool {
        records.count == maximum && rebalance == nil && failure == nil
    }
}

extension ClientHandle {
    /// Waits for the first event, then takes what else is there without waiting, up to a rebalance or failure.
    ///
    /// Ends of partitions end no wait of a member's: nobody asked for them there.
    func pollSlice(maximum: Int, within timeout: Duration, returnsAtEnds: Bool = true) -> PollSlice {
        var slice = PollSlice()
        var topics = TopicNames()
        let deadline = ContinuousClock.now + timeout
        while slice.isEmpty || (!returnsAtEnds && slice.hasOnlyEnds) {
            guard let event = nextEvent(within: deadline.remaining) else { return slice }
            interpret(event, into: &slice, &topics)
        }
        topUp(&slice, maximum: maximum, &topics)
        remindFetchers()
        return slice
    }

    /// Adds what is there without waiting, up to a rebalance or failure.
    func toppedUp(_ slice: PollSlice, maximum: Int) -> PollSlice {
        var (slice, topics) = (slice, TopicNames())
        topUp(&slice, maximum: maximum, &topics)
        return slice
    }

    private func topUp(_ slice: inout PollSlice, maximum: Int, _ topics: inout TopicNames) {
        while slice.records.count < maximum, slice.rebalance == nil, slice.failure == nil,
            takeWaiting(maximum - slice.records.count, into: &slice, &topics)
        {}
    }

    private func interpret(_ event: borrowing NativeEvent, into slice: inout PollSlice, _ topics: inout TopicNames) {
        switch event.type {
        case eventFetch:
            while let message = event.nextMessage() { take(message, into: &slice, &topics) }
        case eventRebalance: slice.rebalance = rebalance(event)
        case eventError: interpretError(event, into: &slice)
        default: break
        }
    }

    /// Takes messages that are there already, many with one call; what is no message comes by callback meanwhile.
    /// - Returns: Whether there may be more.
    private func takeWaiting(_ maximum: Int, into slice: inout PollSlice, _ topics: inout TopicNames) -> Bool {
        let capacity = min(maximum, 1024)
        let count = withUnsafeTemporaryAllocation(
            of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: capacity
        ) { messages in
            let count = max(0, rd_kafka_consume_batch_queue(queue, 0, messages.baseAddress, capacity))
            slice.records.reserveCapacity(slice.records.count + count)
            let (before, bytes) = (slice.records.count, messages[..<count].reduce(0) { $0 + ($1?.pointee.len ?? 0) })
            for index in 0..<count {
                guard let message = messages[index] else { continue }
                take(message, into: &slice, &topics)
                rd_kafka_message_destroy(message)
            }
            if slice.records.count > before, let place = slice.records.last?.topicPartition {
                reminder.withLock { $0.took(records: slice.records.count - before, bytes: bytes, last: place) }
            }
            return count
        }
        if let change = context.takeRebalance() {
            slice.rebalance = change.isAssignment ? .assign(change.partitions) : revocation(of: change.partitions)
        }
        if slice.failure == nil, context.takeFatal() { slice.failure = fatalFailure("read") }
        return count == capacity
    }

    private func take(
        _ message: UnsafePointer<rd_kafka_message_t>, into slice: inout PollSlice, _ topics: inout TopicNames
    ) {
        let name = topics.name(of: message.pointee.rkt)
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: slice.records.append(ConsumerRecord(message, topic: name))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            let partition = TopicPartition(topic: name, partition: message.pointee.partition)
            slice.ends.append(.init(partition: partition, offset: message.pointee.offset))
        default:
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
            let error = KafkaError(message.pointee.err, operation: "read", message: text)
            let place = TopicPartition(topic: name, partition: message.pointee.partition)
            note(error.reading(place, at: message.pointee.offset), into: &slice)
        }
    }

    func rebalance(_ event: borrowing NativeEvent) -> Rebalance {
        let list = rd_kafka_event_topic_partition_list(event.pointer)
        let partitions = list.map { PartitionList.entries(of: $0).map(\.partition) } ?? []
        if rd_kafka_event_error(event.pointer) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            return .assign(partitions)
        }
        return revocation(of: partitions)
    }

    private func revocation(of partitions: [TopicPartition]) -> Rebalance {
        .revoke(partitions, lost: rd_kafka_assignment_lost(client) != 0)
    }

    private func interpretError(_ event: borrowing NativeEvent, into slice: inout PollSlice) {
        if rd_kafka_event_error(event.pointer) == RD_KAFKA_RESP_ERR__PARTITION_EOF, let place = event.place() {
            slice.ends.append(.init(partition: place.partition, offset: place.offset))
            return
        }
        let error = event.error("read")
        note(event.place().map { error.reading($0.partition, at: $0.offset) } ?? error, into: &slice)
    }

    private func note(_ error: KafkaError, into slice: inout PollSlice) {
        if error.isFatal {
            slice.failure = fatalFailure("read") ?? error
            return
        }
        // These need a human; all others librdkafka retries, or a rebalance follows.
        switch error.code {
        case .notAuthorised, .authenticationFailed, .invalidConfiguration, .corrupted: slice.failure = error
        default: context.note(error)
        }
    }
}

extension KafkaError {
    /// Says where it was that what is stored turned out to be no record: by the broker, or by the checksum here.
    ///
    /// librdkafka asks for it again and again, and never gets past it.
    fileprivate func reading(_ partition: TopicPartition, at offset: Int64) -> KafkaError {
        guard code == .invalidRecord else { return self }
        var error = self
        error.code = .corrupted
        error.operation = "read \(partition)"
        error.message = "the records at offset \(offset) are damaged in the broker's log: \(message)"
        return error
    }
}

/// The names of topics by librdkafka's objects: messages come in runs of one topic, whose name is copied once.
private struct TopicNames {
    private var last: (topic: OpaquePointer, name: String)?

    mutating func name(of topic: OpaquePointer?) -> String {
        guard let topic else { return "" }
        if let last, last.topic == topic { return last.name }
        let name = String(cString: rd_kafka_topic_name(topic))
        last = (topic, name)
        return name
    }
}
