// SPDX-License-Identifier: Apache-2.0

import Kafka
import LegRuntime
import ServiceLifecycle

/// Writes what came over HTTP, and closes its producer when the process ends.
final class IntakeWriter: Service {
    private let producer: KafkaProducer

    init(producer: KafkaProducer) { self.producer = producer }

    /// Returns once all records are acknowledged.
    @Sendable
    func write(_ records: [ProducerRecord]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for record in records { group.addTask { [producer] in _ = try await producer.send(record) } }
            try await group.waitForAll()
        }
    }

    func run() async throws {
        try await producer.runUntilShutdown(closing: .seconds(3))
    }
}
