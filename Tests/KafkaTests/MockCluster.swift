// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Kafka
import Logging
import Testing

/// librdkafka's in-process brokers, which speak the real protocol over real sockets on 127.0.0.1.
///
/// Its functions are thread-safe: each is handed to the cluster's own thread. Its brokers are never taken down or up:
/// either way librdkafka takes the port once more, and aborts the whole process when another socket of the tests has
/// got it meanwhile. What needs a broker that goes away is tested on the embedded one.
final class MockCluster: Sendable {
    nonisolated(unsafe) private let client: OpaquePointer
    nonisolated(unsafe) private let cluster: OpaquePointer
    let bootstrapServers: [String]

    init(brokers: Int32 = 1) throws {
        let conf = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(conf) { _, _, _, _ in }
        client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nil, 0))
        cluster = try #require(rd_kafka_mock_cluster_new(client, brokers))
        let servers = try #require(rd_kafka_mock_cluster_bootstraps(cluster).map { String(cString: $0) })
        bootstrapServers = servers.split(separator: ",").map(String.init)
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    func configuration(_ client: String = "test", _ properties: [String: String] = [:]) -> KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: bootstrapServers, clientID: client, properties: properties)
    }

    /// For clients whose broker does not answer: nobody listens on this port.
    static func nobody(_ properties: [String: String] = [:]) -> KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: ["127.0.0.1:1"], clientID: "p", properties: properties)
    }

    func createTopic(_ name: String, partitions: Int32 = 1) throws {
        try #require(rd_kafka_mock_topic_create(cluster, name, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR)
    }

    /// The next requests of this kind are answered with these errors, in order.
    func answer(_ api: API, with errors: rd_kafka_resp_err_t...) {
        rd_kafka_mock_push_request_errors_array(cluster, api.rawValue, errors.count, errors)
    }

    /// Keys of requests (https://kafka.apache.org/protocol#protocol_api_keys).
    enum API: Int16 {
        case produce = 0
        case offsetFetch = 9
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case addOffsetsToTransaction = 25
        case endTransaction = 26
        case transactionOffsetCommit = 28
    }
}

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Remembers what it is told, in order; optionally seeks or waits.
actor RecordingHandler: RebalanceHandler {
    enum Event: Equatable, Sendable {
        case assigned([TopicPartition], committed: [CommittedOffset])
        case revoked([TopicPartition], lost: Bool)
    }

    private(set) var events: [Event] = []
    private var onAssigned: @Sendable ([TopicPartition]) async throws -> Void = { _ in }
    private var onRevoked: @Sendable ([TopicPartition]) async -> Void = { _ in }

    func onAssigned(_ body: @escaping @Sendable ([TopicPartition]) async throws -> Void) { onAssigned = body }
    func onRevoked(_ body: @escaping @Sendable ([TopicPartition]) async -> Void) { onRevoked = body }

    func assigned(_ partitions: [TopicPartition], committed: [CommittedOffset]) async throws {
        events.append(.assigned(partitions.sorted(), committed: committed))
        try await onAssigned(partitions)
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) async {
        events.append(.revoked(partitions.sorted(), lost: lost))
        await onRevoked(partitions)
    }
}

extension GroupConsumer {
    /// Polls until `count` records came or 30 s are over.
    func read(_ count: Int) async throws -> [ConsumerRecord] {
        var records: [ConsumerRecord] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while records.count < count, ContinuousClock.now < deadline {
            records += try await poll(maximum: count - records.count, timeout: .seconds(1))
        }
        return records
    }
}

extension ProducerRecord {
    static func text(_ topic: String, _ value: String, partition: Int32? = 0) -> ProducerRecord {
        ProducerRecord(topic: topic, partition: partition, key: Array("k".utf8), value: Array(value.utf8))
    }
}

extension ConsumerRecord {
    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}
