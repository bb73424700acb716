// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
import ServiceLifecycle

/// Tells on `relay.signals` what people should see at once.
struct SignalBoard: Service {
    private let context: ProcessContext
    private let producer: KafkaProducer

    /// - Throws: `KafkaError` when the configuration does not make a producer.
    init(_ context: ProcessContext) throws {
        self.context = context
        producer = try KafkaProducer(context.kafka, logger: context.logger)
    }

    /// Queues a signal. One that cannot be queued is lost, and the log says so: the report has what it said.
    func tell(_ signal: Signal) {
        producer.tell(signal, key: signal.model ?? signal.name, leg: .monitor, context)
    }

    /// Writes a mark among the predictions; returns once it is there.
    func mark(_ mark: RouterMark) async throws { try await producer.send(mark, context) }

    /// Waits for the shutdown, then for what is queued.
    func run() async throws {
        try await producer.runUntilShutdown(closing: .seconds(1))
    }
}
