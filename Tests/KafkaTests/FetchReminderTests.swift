// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Kafka

@Suite("Reminding librdkafka that its queue has room", .timeLimit(.minutes(1)))
struct FetchReminderTests {
    private let places = (0..<2).map { TopicPartition(topic: "in", partition: $0) }

    @Test("It is due once a quarter of the queue's records was taken, for all places that they came from")
    func records() {
        var reminder = FetchReminder()
        reminder.took(records: FetchReminder.records - 1, bytes: 0, last: places[0])
        #expect(reminder.takeDue().isEmpty)
        reminder.took(records: 1, bytes: 0, last: places[1])
        #expect(reminder.takeDue() == Set(places))
    }

    @Test("It is due once a quarter of the queue's bytes was taken, however few records that were")
    func bytes() {
        var reminder = FetchReminder()
        reminder.took(records: 1, bytes: FetchReminder.bytes, last: places[0])
        #expect(reminder.takeDue() == [places[0]])
    }

    @Test("Afterwards the count begins anew")
    func anew() {
        var reminder = FetchReminder()
        reminder.took(records: FetchReminder.records, bytes: 0, last: places[0])
        #expect(!reminder.takeDue().isEmpty)
        #expect(reminder.takeDue().isEmpty)
        reminder.took(records: FetchReminder.records - 1, bytes: 0, last: places[1])
        #expect(reminder.takeDue().isEmpty)
    }

    @Test("A consumer that is far behind reminds while it reads, ahead or not", arguments: [true, false])
    func behind(readsAhead: Bool) async throws {
        try await BrokerFixture.with(topics: ["in": 2]) { broker in
            let count = FetchReminder.records + 10_000
            let producer = try await broker.transactional(timeout: .seconds(30))
            try await producer.commit((0..<count).map { .text("in", "\($0)") })
            await producer.close()
            let consumer = try broker.consumer("c", topics: ["in"])
            var read = 0
            while read < count {
                read += try await consumer.poll(maximum: 5000, timeout: .seconds(1), readsAhead: readsAhead).count
            }
            // On the client's thread, and so after what it does behind the last records.
            _ = try await consumer.position(places)
            var reminder = consumer.handle.reminder.withLock { $0 }
            reminder.took(records: FetchReminder.records - 10_001, bytes: 0, last: places[0])
            #expect(reminder.takeDue().isEmpty)
            await consumer.close()
        }
    }
}
