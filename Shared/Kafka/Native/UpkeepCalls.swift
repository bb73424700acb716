// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Requests of `KafkaAdmin` that backing up and restoring need. All block and belong on its thread.
extension ClientHandle {
    func clusterID(_ patience: Patience) throws -> String? {
        // The id comes with the metadata.
        _ = try cluster(patience, "ask for the cluster's id")
        guard let id = rd_kafka_clusterid(client, 0) else { return nil }
        defer { rd_kafka_mem_free(client, id) }
        return String(cString: id)
    }

    func listGroups(_ patience: Patience) throws -> [String] {
        let operation = "list groups"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, operation: operation)
        rd_kafka_ListConsumerGroups(client, request.options, request.queue)
        return try request.result(patience) { event in
            let result = rd_kafka_event_ListConsumerGroups_result(event)
            var count = 0
            // A broker that could not be asked may be the one that knows the group.
            let errors = rd_kafka_ListConsumerGroups_result_errors(result, &count)
            if let error = UnsafeBufferPointer(start: errors, count: count).compactMap({ $0 }).first {
                throw KafkaError(
                    rd_kafka_error_code(error), operation: operation,
                    message: String(cString: rd_kafka_error_string(error)))
            }
            let groups = rd_kafka_ListConsumerGroups_result_valid(result, &count)
            return UnsafeBufferPointer(start: groups, count: count).compactMap { $0 }
                .compactMap { rd_kafka_ConsumerGroupListing_group_id($0).map { String(cString: $0) } }.sorted()
        }
    }

    func deleteRecords(before offsets: [TopicPartition: Int64], _ patience: Patience) throws {
        guard !offsets.isEmpty else { return }
        let operation = "delete records"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DELETERECORDS, operation: operation)
        let list = PartitionList(offsets.map { CommittedOffset(topicPartition: $0.key, offset: $0.value) })
        var queries: [OpaquePointer?] = [rd_kafka_DeleteRecords_new(list.pointer)]
        defer { for query in queries { rd_kafka_DeleteRecords_destroy(query) } }
        rd_kafka_DeleteRecords(client, &queries, queries.count, request.options, request.queue)
        try request.result(patience) { event in
            let result = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
            for entry in result.map({ PartitionList.entries(of: $0) }) ?? [] {
                try check(entry.error, "\(operation) of \(entry.partition)")
            }
        }
    }
}
