// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// A librdkafka client with nothing around it.
final class RawClient {
    let pointer: OpaquePointer
    private let type: rd_kafka_type_t

    /// - Parameter events: Reports to be queued for whoever polls.
    init(_ type: rd_kafka_type_t, _ properties: [String: String], events: Int32 = 0) throws {
        let configuration = rd_kafka_conf_new()
        var reason = [CChar](repeating: 0, count: 512)
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            guard rd_kafka_conf_set(configuration, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                throw BenchFailure("librdkafka refuses \(name)=\(value)")
            }
        }
        if events != 0 {
            rd_kafka_conf_set_events(configuration, events)
        } else if type == RD_KAFKA_PRODUCER {
            // Without it librdkafka 2.0.2 waits out steps of 10 ms in a commit: reports are what ends them.
            rd_kafka_conf_set_dr_msg_cb(configuration) { _, _, _ in }
        }
        guard let pointer = rd_kafka_new(type, configuration, &reason, reason.count) else {
            rd_kafka_conf_destroy(configuration)
            throw BenchFailure("librdkafka makes no client of \(properties)")
        }
        self.pointer = pointer
        self.type = type
    }

    deinit {
        if type == RD_KAFKA_CONSUMER { rd_kafka_consumer_close(pointer) }
        rd_kafka_destroy(pointer)
    }

    /// Throws when a call returned an error object, and frees it.
    static func check(_ error: OpaquePointer?, _ operation: String) throws {
        guard let error else { return }
        defer { rd_kafka_error_destroy(error) }
        throw BenchFailure("\(operation): \(String(cString: rd_kafka_error_string(error)))")
    }

    static func check(_ code: rd_kafka_resp_err_t, _ operation: String) throws {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw BenchFailure("\(operation): \(String(cString: rd_kafka_err2str(code)))")
    }
}

extension RawClient {
    /// What every client here has: small requests do not wait for each other.
    static func common(_ servers: String) -> [String: String] {
        ["bootstrap.servers": servers, "broker.address.family": "v4", "socket.nagle.disable": "true", "log_level": "3"]
    }

    /// A member of a group that reads committed records from the beginning.
    static func groupMember(_ servers: String, group: String, topic: String) throws -> RawClient {
        let client = try RawClient(
            RD_KAFKA_CONSUMER,
            common(servers).merging([
                "group.id": group, "enable.auto.commit": "false", "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            ]) { $1 })
        try check(rd_kafka_poll_set_consumer(client.pointer), "set up the consumer")
        let topics = rd_kafka_topic_partition_list_new(1)
        defer { rd_kafka_topic_partition_list_destroy(topics) }
        rd_kafka_topic_partition_list_add(topics, topic, -1)
        try check(rd_kafka_subscribe(client.pointer, topics), "subscribe to \(topic)")
        return client
    }

    static func transactionalProducer(_ servers: String, id: String, lingerMilliseconds: Int) throws -> RawClient {
        let client = try RawClient(
            RD_KAFKA_PRODUCER,
            common(servers).merging([
                "transactional.id": id, "linger.ms": "\(lingerMilliseconds)", "partitioner": "murmur2_random",
            ]) { $1 })
        try check(rd_kafka_init_transactions(client.pointer, 30_000), "initialise transactions")
        return client
    }
}
