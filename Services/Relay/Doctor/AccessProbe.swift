// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import Operations
package import RelayClients

/// Tries everything that a service does with Kafka, with its credentials and without visible effect.
///
/// What it writes goes into a transaction that is aborted, under a transactional id below the service's own prefix, so
/// that rules by prefix allow it: `<prefix><service>.doctor-<random>`. The aborted records have no value.
package struct AccessProbe: Sendable {
    let access: ServiceAccess
    let kafka: KafkaAccess
    let limit: TimeLimit

    /// Tries what `access` says by the credentials of `kafka`.
    package init(access: ServiceAccess, kafka: KafkaAccess, limit: TimeLimit) {
        self.access = access
        self.limit = limit
        var configuration = kafka.kafka
        configuration.readerGroup = kafka.topics.readerGroup(access.service)
        self.kafka = KafkaAccess(kafka: configuration, topics: kafka.topics)
    }

    static let key = Array("relay-doctor".utf8)

    /// Tries everything, and tells of each try what became of it.
    package func run() async -> ServiceProbe {
        var probe = ServiceProbe(service: access.service, steps: [])
        probe.steps.append(await step("see its topics") { try await seeTopics() })
        for topic in access.reads {
            probe.steps.append(await step("read \(topic)") { try await read(topic) })
        }
        for group in access.groups {
            probe.steps.append(await step("be in group \(group.name)") { try await look(at: group) })
        }
        return ServiceProbe(service: probe.service, steps: probe.steps + (await write()))
    }

    private func step(
        _ name: String, _ body: @escaping @Sendable () async throws -> Void
    ) async -> ServiceProbe.Step {
        do {
            try await kafka.attempt(within: limit, name, body)
            return .init(name: name, failure: nil)
        } catch let error as KafkaError {
            return .init(name: name, failure: error)
        } catch {
            return .init(name: name, failure: KafkaError(code: .other, operation: name, message: inPlainWords(error)))
        }
    }

    private func seeTopics() async throws {
        let seen = try await kafka.withAdmin { Set(try await $0.topics().map(\.name)) }
        let missing = Set(access.reads + access.writes).subtracting(seen).sorted()
        guard missing.isEmpty else {
            throw KafkaError(
                code: .unknownTopicOrPartition, operation: "see its topics",
                message: missing.joined(separator: ", "))
        }
    }

    /// A read at the end of the first partition: nothing comes, but it is refused when it is not allowed.
    private func read(_ topic: String) async throws {
        try await kafka.kafka.withPartitionReader(logger: kafka.logger) { reader in
            let partition = TopicPartition(topic: topic, partition: 0)
            let end = try await reader.endOffsets([partition])[partition] ?? 0
            try await reader.assign([partition: .offset(end)])
            let deadline = ContinuousClock.now + limit.duration
            // The end is reported by an answer to a fetch.
            while !reader.hasReached([partition: end]), ContinuousClock.now < deadline {
                _ = try await reader.poll(maximum: 1, timeout: .milliseconds(50))
            }
        }
    }

    private func look(at group: ServiceAccess.Group) async throws {
        try await kafka.withAdmin { admin in
            if let failure = try await admin.describeGroups([group.name]).first?.failure { throw failure }
            let partitions = group.topics.map { TopicPartition(topic: $0, partition: 0) }
            _ = try await admin.committedOffsets(group: group.name, partitions: partitions)
        }
    }

    private func write() async -> [ServiceProbe.Step] {
        let random = UUID().uuidString.prefix(8).lowercased()
        let id = "\(kafka.topics.prefix)\(access.service).doctor-\(random)"
        let producer: TransactionalProducer
        do {
            producer = try TransactionalProducer(
                kafka.kafka, transactionalID: id, transactionTimeout: .seconds(10), logger: kafka.logger)
        } catch {
            return [await step(ServiceProbe.transactionalIDStep) { throw error }]
        }
        var steps = [await step(ServiceProbe.transactionalIDStep) { try await producer.initialise() }]
        if steps[0].failure == nil {
            for topic in access.writes {
                let record = ProducerRecord(topic: topic, partition: 0, key: Self.key, value: nil)
                steps.append(await step("write \(topic)") { try await producer.rehearse([record]) })
            }
            for group in access.groups {
                steps.append(await step("commit for group \(group.name)") { try await commit(for: group, producer) })
            }
        }
        await producer.close()
        return steps
    }

    private func commit(for group: ServiceAccess.Group, _ producer: TransactionalProducer) async throws {
        let offset = CommittedOffset(
            topicPartition: TopicPartition(topic: group.topics[0], partition: 0), offset: 0)
        do {
            try await producer.rehearse([], offsets: [offset], group: ConsumerGroupMetadata(group: group.name))
        } catch let error as KafkaError where error.code == .membershipLost {
            // It was allowed to ask, and is not a member: that is what a live group has to answer.
        }
    }
}

extension KafkaAccess {
    /// Runs `body` with a client that is closed afterwards.
    func withAdmin<Value: Sendable>(
        _ body: @Sendable (KafkaAdmin) async throws -> Value
    ) async throws -> Value {
        try await kafka.withAdmin(logger: logger) { try await body($0) }
    }

    /// One attempt that is given up when its time is over.
    /// - Throws: `KafkaError` `.timedOut`; what `body` throws.
    package func attempt<Value: Sendable>(
        within limit: TimeLimit, _ operation: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if let value = try await within(limit.duration, body) { return value }
        throw KafkaError(code: .timedOut, operation: operation, message: "no answer within \(limit.description)")
    }
}
