// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Synchronization

/// Says when librdkafka is to be reminded that there is room in a consumer's queue.
///
/// librdkafka 2.0.2 stops fetching when its queue is full, and looks only once a second whether it still is, unless
/// something wakes its thread: who takes more than a full queue in a second waits for the rest of that second. A queue
/// that is never found empty needs to be looked at more often than it is emptied.
struct FetchReminder: Sendable {
    static let records = ConsumerQueue.records / 4
    static let bytes = ConsumerQueue.bytes / 4

    private var taken = (records: 0, bytes: 0)
    private var places: Set<TopicPartition> = []

    /// Records were taken out of the queue, the last of them from this place.
    mutating func took(records: Int, bytes: Int, last place: TopicPartition) {
        taken.records += records
        taken.bytes += bytes
        places.insert(place)
    }

    /// The places whose leaders are to be asked something, and the count begins anew; empty when it is not due.
    mutating func takeDue() -> Set<TopicPartition> {
        guard taken.records >= Self.records || taken.bytes >= Self.bytes else { return [] }
        defer { self = FetchReminder() }
        return places
    }
}

extension ClientHandle {
    /// For how long the client's thread waits for the answer, which nobody needs: the question is what wakes.
    private static let patience: Int32 = 10

    /// Wakes librdkafka's threads that fetch, if it is time to. On the client's thread.
    func remindFetchers() {
        let places = reminder.withLock { $0.takeDue() }
        guard !places.isEmpty else { return }
        let list = PartitionList(places.map { CommittedOffset(topicPartition: $0, offset: TimeQuery.end) })
        let code = rd_kafka_offsets_for_times(client, list.pointer, Self.patience)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__TIMED_OUT else { return }
        context.note(KafkaError(code, operation: "remind the fetchers"))
    }
}
