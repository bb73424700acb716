// SPDX-License-Identifier: Apache-2.0

import Kafka
package import LegRuntime
package import RelayClients
import Synchronization

/// Makes and looks at the topics of one cluster, waiting for it a bounded time.
package struct TopicKeeper: Sendable {
    let access: KafkaAccess
    let provision: TopicProvision
    let limit: TimeLimit

    /// Of its parts.
    package init(access: KafkaAccess, provision: TopicProvision, limit: TimeLimit) {
        self.access = access
        self.provision = provision
        self.limit = limit
    }

    /// Makes what is missing and compares all with the plan.
    package func apply() async throws -> TopicReport {
        // Kept over attempts: a topic that was made by the first is found by the second.
        let created = Mutex<Set<String>>([])
        return try await withAdmin("the topics could not be made and checked") { admin in
            let new = try await provision.create(with: admin)
            created.withLock { $0.formUnion(new) }
            let differences = provision.differences(try await provision.found(with: admin))
            let unknown = differences.filter { $0.property == .existence }.map(\.topic)
            guard unknown.isEmpty else { throw KafkaError.notYetKnown(unknown) }
            return TopicReport(
                created: created.withLock { $0.sorted() }, checked: provision.plans.count, differences: differences,
                advice: TopicAdvice(bootstrapServers: access.kafka.bootstrapServers))
        }
    }

    /// The topics that are there.
    package func list() async throws -> [TopicLine] {
        try await withAdmin("the topics could not be listed") { admin in
            let found = try await provision.found(with: admin)
            let partitions = found.flatMap(\.description.topicPartitions)
            let reach = try await admin.reach(of: partitions)
            return found.map { TopicLine($0, beginnings: reach.beginnings, ends: reach.ends) }
        }
    }

    private func withAdmin<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (KafkaAdmin) async throws -> Value
    ) async throws -> Value {
        let notes = ClientNotes()
        return try await access.kafka.withAdmin(logger: notes.logger) { admin in
            try await access.waiting(upTo: limit, what, notes) { try await body(admin) }
        }
    }
}

extension KafkaError {
    fileprivate static func notYetKnown(_ topics: [String]) -> KafkaError {
        KafkaError(
            code: .unknownTopicOrPartition, operation: "check the topics",
            message: "not every broker knows \(topics.sorted().joined(separator: ", ")) yet", isRetriable: true)
    }
}
