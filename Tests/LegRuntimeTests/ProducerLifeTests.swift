// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import ServiceLifecycle
import Testing

@testable import Kafka
@testable import LegRuntime

@Suite("A producer's life", .timeLimit(.minutes(1)))
struct ProducerLifeTests {
    private struct Keeper: Service {
        let producer: KafkaProducer
        func run() async throws { try await producer.runUntilShutdown(closing: .zero) }
    }

    private func producer() throws -> KafkaProducer {
        let bench = Bench(bootstrap: "127.0.0.1:1", logger: Bench.silent)
        return try KafkaProducer(bench.context("one").kafka, logger: Bench.silent)
    }

    @Test("A fatal error of the client ends the service that keeps it, and so the process")
    func fatal() async throws {
        let producer = try producer()
        let group = ServiceGroup(configuration: .init(services: [Keeper(producer: producer)], logger: Bench.silent))
        let running = Task { try await group.run() }
        try await producer.run("fail") { handle in
            _ = rd_kafka_test_fatal_error(
                handle.client, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "desynchronised")
        }
        let error = await #expect(throws: KafkaError.self) { try await running.value }
        #expect(error?.isFatal == true)
        #expect(error?.description.contains("desynchronised") == true)
    }

    @Test("A shutdown closes it, and is no error")
    func shutdown() async throws {
        let producer = try producer()
        let bench = Bench(bootstrap: "127.0.0.1:1", logger: Bench.silent)
        try await bench.running(Keeper(producer: producer)) {}
        #expect(throws: KafkaError.self) {
            try producer.enqueue(ProducerRecord(topic: "t", key: [1], value: [1]))
        }
    }
}
