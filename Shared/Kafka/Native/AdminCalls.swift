// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Requests of `KafkaAdmin`. All block and belong on its thread.
extension ClientHandle {
    func createTopics(_ specifications: [TopicSpecification], _ patience: Patience) throws -> [TopicCreation] {
        guard !specifications.isEmpty else { return [] }
        let operation = "create topics"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_CREATETOPICS, operation: operation)
        var topics: [OpaquePointer?] = []
        defer { for topic in topics { rd_kafka_NewTopic_destroy(topic) } }
        for specification in specifications { topics.append(try Self.newTopic(specification)) }
        rd_kafka_CreateTopics(client, &topics, topics.count, request.options, request.queue)
        return try request.result(patience) { event in
            try topicResults(event, rd_kafka_event_CreateTopics_result, rd_kafka_CreateTopics_result_topics)
                .map { name, code, reason in
                    TopicCreation(name: name, outcome: .init(code, topic: name, reason: reason))
                }
        }
    }

    private static func newTopic(_ specification: TopicSpecification) throws -> OpaquePointer {
        let operation = "create topic \(specification.name)"
        var reason = [CChar](repeating: 0, count: 512)
        guard
            let topic = rd_kafka_NewTopic_new(
                specification.name, Int32(clamping: specification.partitions),
                Int32(clamping: specification.replicationFactor), &reason, reason.count)
        else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: string(fromBuffer: reason))
        }
        for (name, value) in specification.configuration.sorted(by: { $0.key < $1.key }) {
            let code = rd_kafka_NewTopic_set_config(topic, name, value)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                rd_kafka_NewTopic_destroy(topic)
                throw KafkaError(code, operation: operation, message: "configuration \(name) is not accepted")
            }
        }
        return topic
    }

    func deleteTopics(_ names: [String], _ patience: Patience) throws {
        guard !names.isEmpty else { return }
        let operation = "delete topics"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DELETETOPICS, operation: operation)
        var topics: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for topic in topics { rd_kafka_DeleteTopic_destroy(topic) } }
        rd_kafka_DeleteTopics(client, &topics, topics.count, request.options, request.queue)
        try request.result(patience) { event in
            for (name, code, reason) in try topicResults(
                event, rd_kafka_event_DeleteTopics_result, rd_kafka_DeleteTopics_result_topics)
            where code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART {
                throw KafkaError(code, operation: "delete topic \(name)", message: reason)
            }
        }
    }

    private func topicResults(
        _ event: OpaquePointer, _ cast: (OpaquePointer?) -> OpaquePointer?,
        _ list: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<OpaquePointer?>?
    ) throws -> [(name: String, code: rd_kafka_resp_err_t, reason: String?)] {
        var count = 0
        let results = list(cast(event), &count)
        return pointers(results, count).map { result in
            (
                rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? "",
                rd_kafka_topic_result_error(result),
                rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            )
        }
    }

    func topicConfiguration(_ topic: String, _ patience: Patience) throws -> [String: String] {
        try configuration(of: topic, RD_KAFKA_RESOURCE_TOPIC, patience, "describe topic \(topic)")
    }

    func brokerConfiguration(_ id: Int32, _ patience: Patience) throws -> [String: String] {
        try configuration(of: "\(id)", RD_KAFKA_RESOURCE_BROKER, patience, "describe broker \(id)")
    }

    private func configuration(
        of name: String, _ type: rd_kafka_ResourceType_t, _ patience: Patience, _ operation: String
    ) throws -> [String: String] {
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, operation: operation)
        var resources: [OpaquePointer?] = [rd_kafka_ConfigResource_new(type, name)]
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        rd_kafka_DescribeConfigs(client, &resources, resources.count, request.options, request.queue)
        return try request.result(patience) { event in
            var count = 0
            let results = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(event), &count)
            var values: [String: String] = [:]
            for resource in pointers(results, count) {
                let code = rd_kafka_ConfigResource_error(resource)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    let reason = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
                    throw KafkaError(code, operation: operation, message: reason)
                }
                var entryCount = 0
                let entries = rd_kafka_ConfigResource_configs(resource, &entryCount)
                for entry in pointers(entries, entryCount) {
                    guard let name = rd_kafka_ConfigEntry_name(entry), let value = rd_kafka_ConfigEntry_value(entry)
                    else { continue }
                    values[String(cString: name)] = String(cString: value)
                }
            }
            return values
        }
    }

    func committedOffsets(
        of group: String, _ partitions: [TopicPartition], _ patience: Patience
    ) throws -> [CommittedOffset] {
        guard !partitions.isEmpty else { return [] }
        return try whileCoordinatorSettles(patience) { try offsets(committedBy: group, partitions, patience) }
    }

    private func offsets(
        committedBy group: String, _ partitions: [TopicPartition], _ patience: Patience
    ) throws -> [CommittedOffset] {
        let operation = "read offsets of group \(group)"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, operation: operation)
        // Offsets of transactions being committed are waited for, not overlooked (KIP-447).
        try check(rd_kafka_AdminOptions_set_require_stable_offsets(request.options, 1), operation)
        let list = PartitionList(partitions)
        var queries: [OpaquePointer?] = [rd_kafka_ListConsumerGroupOffsets_new(group, list.pointer)]
        defer { for query in queries { rd_kafka_ListConsumerGroupOffsets_destroy(query) } }
        rd_kafka_ListConsumerGroupOffsets(client, &queries, queries.count, request.options, request.queue)
        return try request.result(patience) { event in
            var count = 0
            let results = rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
            var offsets: [CommittedOffset] = []
            for result in pointers(results, count) {
                if let error = rd_kafka_group_result_error(result) {
                    let reason = String(cString: rd_kafka_error_string(error))
                    throw KafkaError(rd_kafka_error_code(error), operation: operation, message: reason)
                }
                guard let partitions = rd_kafka_group_result_partitions(result) else { continue }
                for entry in PartitionList.entries(of: partitions) {
                    try check(entry.error, operation)
                    if let offset = entry.committed { offsets.append(offset) }
                }
            }
            return offsets
        }
    }

    /// Deals with what was reported meanwhile.
    func drainCallbacks() { rd_kafka_poll(client, 0) }
}

extension TopicCreation.Outcome {
    fileprivate init(_ code: rd_kafka_resp_err_t, topic: String, reason: String?) {
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR: self = .created
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: self = .existed
        default: self = .failed(KafkaError(code, operation: "create topic \(topic)", message: reason))
        }
    }
}
