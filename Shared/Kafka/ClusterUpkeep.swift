// SPDX-License-Identifier: Apache-2.0

/// What backing up and restoring a cluster needs beyond the rest.
extension KafkaAdmin {
    /// Kafka's own name of the cluster; nil when it has none.
    public func clusterID() async throws -> String? {
        try await run("ask for the cluster's id") { try $0.clusterID($1) }
    }

    /// The names of all groups that the brokers know, with or without members.
    public func groups() async throws -> [String] {
        try await run("list groups") { try $0.listGroups($1) }
    }

    /// Removes the records before an offset of each partition, so that it begins there.
    ///
    /// Kafka refuses it for topics that are only compacted.
    public func deleteRecords(before offsets: [TopicPartition: Int64]) async throws {
        try await run("delete records") { try $0.deleteRecords(before: offsets, $1) }
    }
}
