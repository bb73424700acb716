// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Logging
import Reporting
import ServiceLifecycle

/// Events on their way to Kafka, without waiting. Started before what writes to it, so that it is closed after.
struct KafkaSink: EventSink, Service {
    /// What is still under way when the process shuts down gets this long.
    static let closeTimeout: Duration = .seconds(2)

    let producer: KafkaProducer

    func enqueue(_ event: CloudEvent, topic: String, key: String) throws {
        try producer.enqueue(event.record(topic: topic, key: key))
    }

    func run() async throws {
        try await producer.runUntilShutdown(closing: Self.closeTimeout)
    }
}
