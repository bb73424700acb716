// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
import RelayClients

/// Gathers the facts about Kafka, each within a bounded time.
struct ClusterExamination: Sendable {
    let access: KafkaAccess
    let provision: TopicProvision
    let limit: TimeLimit
    /// Between the two looks at the groups.
    static let betweenLooks = Duration.seconds(2)
    /// The most records that are read to count a backlog or dead letters.
    static let mostRecords: Int64 = 1000

    func finding<Value: Sendable & Equatable>(
        _ what: String, _ body: @escaping @Sendable () async throws -> Value
    ) async -> Finding<Value> {
        do {
            return .known(try await access.attempt(within: limit, what, body))
        } catch let error as KafkaError {
            return .unknown(error.message)
        } catch {
            return .unknown(inPlainWords(error))
        }
    }

    func cluster() async -> Finding<ClusterDescription> {
        let notes = ClientNotes()
        let found = await finding("describe the cluster") {
            try await access.kafka.withAdmin(logger: notes.logger) { try await $0.cluster() }
        }
        guard case .unknown(let reason) = found else { return found }
        return .unknown(notes.cause ?? reason)
    }

    /// Connects to each broker by the address that it advertises, as every client has to.
    func unreachable(_ cluster: ClusterDescription) async -> [Int32: String] {
        var reasons: [Int32: String] = [:]
        for broker in cluster.brokers {
            var kafka = access.kafka
            kafka.bootstrapServers = ["\(broker.host):\(broker.port)"]
            let alone = ClusterExamination(
                access: KafkaAccess(kafka: kafka, topics: access.topics), provision: provision, limit: limit)
            if case .unknown(let reason) = await alone.cluster() { reasons[broker.id] = reason }
        }
        return reasons
    }

    /// What the brokers know of damage to their logs: the embedded broker says it in its configuration.
    func damage(_ cluster: ClusterDescription) async -> String? {
        var said: [String] = []
        for broker in cluster.brokers {
            let found = await finding("ask broker \(broker.id) for its configuration") {
                try await access.withAdmin { try await $0.describeBrokerConfiguration(broker.id)["log.damaged"] }
            }
            // Who may not ask is no worse off than with a broker that does not say it.
            if case .known(let text?) = found { said.append(text) }
        }
        return said.isEmpty ? nil : said.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    func topics() async -> Finding<[FoundTopic]> {
        await finding("look at the topics") { try await access.withAdmin { try await provision.found(with: $0) } }
    }

    /// Looks at the groups twice, and counts what waits in the partitions of which nothing was done in between.
    func groups(isAtWork: Bool) async -> Finding<[GroupFacts]> {
        let groups = ServiceAccess.services.compactMap { ServiceAccess($0, access.topics) }.flatMap(\.groups)
        do {
            let first = try await access.attempt(within: limit, "look at the groups") { try await lags(groups) }
            try await Task.sleep(for: Self.betweenLooks)
            let second = try await access.attempt(within: limit, "look at the groups") { try await lags(groups) }
            let descriptions = try await access.attempt(within: limit, "describe the groups") {
                try await access.withAdmin { try await $0.describeGroups(groups.map(\.name)) }
            }
            var facts: [GroupFacts] = []
            for (group, description) in zip(groups, descriptions) {
                let backlogs = try await backlogs(group, first[group.name] ?? [], second[group.name] ?? [])
                facts.append(
                    GroupFacts(
                        description: description, backlogs: backlogs, isAtWork: group.runsDuties && isAtWork))
            }
            return .known(facts)
        } catch let error as KafkaError {
            return .unknown(error.message)
        } catch {
            return .unknown(inPlainWords(error))
        }
    }

    private func lags(_ groups: [ServiceAccess.Group]) async throws -> [String: [PartitionLag]] {
        try await access.withAdmin { admin in
            let topics = Dictionary(try await admin.topics().map { ($0.name, $0.topicPartitions) }) { first, _ in first
            }
            var lags: [String: [PartitionLag]] = [:]
            for group in groups {
                let partitions = group.topics.flatMap { topics[$0] ?? [] }
                guard !partitions.isEmpty else { continue }
                lags[group.name] = try await admin.lag(group: group.name, partitions: partitions)
            }
            return lags
        }
    }

    private func backlogs(
        _ group: ServiceAccess.Group, _ first: [PartitionLag], _ second: [PartitionLag]
    ) async throws -> [GroupFacts.Backlog] {
        let before = Dictionary(first.map { ($0.topicPartition, $0.committed) }) { first, _ in first }
        var backlogs: [GroupFacts.Backlog] = []
        for topic in group.topics {
            let behind = second.filter { $0.topicPartition.topic == topic && $0.offsets > 0 }
            var backlog = GroupFacts.Backlog(topic: topic, records: 0, moved: true)
            for lag in behind {
                // Offsets may be markers of transactions: only reading tells.
                let from = max(lag.beginning, lag.committed ?? lag.beginning)
                let records = try await records(in: lag.topicPartition, from: from, to: lag.end).count
                backlog.records += records
                let place = before[lag.topicPartition] ?? nil
                if records > 0, place == lag.committed { backlog.moved = false }
            }
            backlogs.append(backlog)
        }
        return backlogs
    }

    /// The committed records between two offsets, the newest of them when there are very many.
    func records(in partition: TopicPartition, from: Int64, to end: Int64) async throws -> [ConsumerRecord] {
        guard end > from else { return [] }
        return try await access.attempt(within: limit, "read \(partition)") {
            try await access.kafka.withPartitionReader(logger: access.logger) { reader in
                try await reader.assign([partition: .offset(max(from, end - Self.mostRecords))])
                var records: [ConsumerRecord] = []
                while !reader.hasReached([partition: end]) {
                    records += try await reader.poll(maximum: 500, timeout: .milliseconds(50))
                }
                return records
            }
        }
    }
}

/// The newest records of a topic, for the reason of the last dead letter and the time of the last report.
extension ClusterExamination {
    private func newest(of topic: String, reach limit: Int64) async throws -> (records: [ConsumerRecord], isMore: Bool)
    {
        let (beginnings, ends) = try await access.withAdmin { admin in
            let partitions = try await admin.topics().filter { $0.name == topic }.flatMap(\.topicPartitions)
            return try await admin.reach(of: partitions)
        }
        var (records, isMore): ([ConsumerRecord], Bool) = ([], false)
        for (partition, end) in ends {
            let begin = beginnings[partition] ?? 0
            isMore = isMore || end - begin > limit
            records += try await self.records(in: partition, from: max(begin, end - limit), to: end)
        }
        return (records.sorted { $0.timestampMilliseconds < $1.timestampMilliseconds }, isMore)
    }

    func deadLetters() async -> Finding<DeadLetterFacts> {
        await finding("read the dead letters") {
            let (records, isMore) = try await newest(of: access.topics.deadLetters, reach: Self.mostRecords)
            let last = records.last
            func header(_ name: String) -> String? {
                last?.headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
            }
            return DeadLetterFacts(
                count: records.count, isMore: isMore, newestReason: header("relay_reason"),
                newestTopic: header("relay_topic"))
        }
    }

    /// When the newest report of progress was written, by the clock of whoever wrote it; nil when there is none.
    func newestProgress() async -> Timestamp? {
        let found = await finding("read the newest progress") {
            try await newest(of: access.topics.progress, reach: 1).records.last?.timestampMilliseconds
        }
        return (found.value ?? nil).map { Timestamp(milliseconds: $0) }
    }
}
