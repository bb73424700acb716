// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

@testable import EmbeddedBroker

/// A broker in this process with a client, for one test.
struct BrokerFixture {
    var broker: EmbeddedBroker
    var address: BoundAddress
    var client: TestClient

    /// Runs a test against a broker on a directory of its own, or on the one given.
    @discardableResult
    static func with<Value>(
        directory: TemporaryDirectory? = nil, configure: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (BrokerFixture) async throws -> Value
    ) async throws -> Value {
        let directory = try directory ?? TemporaryDirectory()
        var configuration = BrokerConfiguration(dataDirectory: directory.path)
        configure(&configuration)
        let broker = EmbeddedBroker(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let address = try await broker.start()
        do {
            let fixture = BrokerFixture(broker: broker, address: address, client: try await TestClient(address))
            let value = try await body(fixture)
            await broker.shutdown()
            withExtendedLifetime(directory) {}
            return value
        } catch {
            await broker.shutdown()
            throw error
        }
    }

    func createTopic(_ name: String, partitions: Int32 = 1, configs: [String: String] = [:]) async throws -> ErrorCode {
        var topic = CreateTopicsRequest.Topic(name: name, partitionCount: partitions, replicationFactor: 1)
        topic.configs = configs.map { CreateTopicsRequest.Config(name: $0.key, value: $0.value) }
        return try await client.send(CreateTopicsRequest(topics: [topic])).topics[0].error
    }

    func produce(
        _ batch: TestBatch, to topic: String, partition: Int32 = 0, transactionalID: String? = nil, acks: Int16 = -1
    ) async throws -> ProduceResponse.Partition {
        let request = ProduceRequest(
            transactionalID: transactionalID, acks: acks, timeoutMilliseconds: 1000,
            topics: [
                ProduceRequest.Topic(
                    name: topic, partitions: [ProduceRequest.Partition(index: partition, records: batch.bytes)])
            ])
        return try await client.send(request).topics[0].partitions[0]
    }

    func fetch(
        _ topic: String, from offset: Int64, committedOnly: Bool = false, maxWait: Int32 = 0, maxBytes: Int32 = 1 << 20
    ) async throws -> FetchResponse.Partition {
        var request = FetchRequest(maxWaitMilliseconds: maxWait, minBytes: 1)
        request.isolationLevel = committedOnly ? 1 : 0
        request.topics = [
            FetchRequest.Topic(
                name: topic,
                partitions: [FetchRequest.Partition(index: 0, fetchOffset: offset, maxBytes: maxBytes)])
        ]
        return try await client.send(request).topics[0].partitions[0]
    }

    func initialise(_ id: String?, timeout: Int32 = 60_000) async throws -> InitProducerIdResponse {
        try await client.send(
            InitProducerIdRequest(transactionalID: id, transactionTimeoutMilliseconds: timeout))
    }

    func end(_ id: String, _ producer: InitProducerIdResponse, commit: Bool) async throws -> ErrorCode {
        try await client.send(
            EndTxnRequest(
                transactionalID: id, producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                committed: commit)
        ).error
    }

    func addPartition(_ topic: String, to id: String, _ producer: InitProducerIdResponse) async throws -> ErrorCode {
        try await client.send(
            AddPartitionsToTxnRequest(
                transactionalID: id, producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                topics: [TopicPartitions(name: topic, partitions: [0])])
        ).topics[0].partitions[0].error
    }
}
