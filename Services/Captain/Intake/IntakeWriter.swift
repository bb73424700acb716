// SPDX-License-Identifier: Apache-2.0

package import Kafka
import LegRuntime
import ServiceLifecycle

/// Writes what came over HTTP, and closes its producer when the process ends.
package final class IntakeWriter: Service {
    private let producer: KafkaProducer

    /// - Parameter producer: Closed when the service has run.
    package init(producer: KafkaProducer) { self.producer = producer }

    /// Returns once all records are acknowledged.
    @Sendable
    package func write(_ records: [ProducerRecord]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for record in records { group.addTask { [producer] in _ = try await producer.send(record) } }
            try await group.waitForAll()
        }
    }

    package func run() async throws {
        try await producer.runUntilShutdown(closing: .seconds(3))
    }
}
