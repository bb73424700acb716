// SPDX-License-Identifier: Apache-2.0

package import LegRuntime

/// What a difference in a topic means, and what would change it. Pure.
package struct TopicAdvice {
    /// For the commands, which want an address.
    let bootstrapServers: [String]

    /// Of its parts.
    package init(bootstrapServers: [String]) {
        self.bootstrapServers = bootstrapServers
    }

    /// What follows from the difference.
    package func meaning(_ difference: TopicDifference) -> String {
        switch difference.property {
        case .existence: "nothing can be written to it or read from it; `relay topics apply` makes it"
        case .partitions: partitions(difference)
        case .replication:
            isMore(difference)
                ? "more copies than planned: safer, and more to store and to send"
                : "fewer copies than planned: records are lost when the brokers that have them are"
        case .configuration("cleanup.policy"):
            difference.planned == "compact"
                ? "the newest record of a key is deleted by age: state is lost"
                : "records of one key replace each other: events are lost"
        case .configuration("retention.ms"): retention(difference)
        case .configuration("retention.bytes"): "records are deleted when the topic grows beyond that size"
        case .configuration(FoundTopic.minimumInSyncProperty):
            "a write waits for more copies than there are: nothing can be written"
        case .configuration: "the topic behaves in another way than the suite was made for"
        }
    }

    /// The command of Kafka's own tools that changes it; nil where there is none.
    package func command(_ difference: TopicDifference) -> String? {
        let server = bootstrapServers.joined(separator: ",")
        let topic = difference.topic
        switch difference.property {
        case .existence: return "relay topics apply"
        case .partitions:
            guard !isMore(difference) else { return nil }
            return "kafka-topics.sh --bootstrap-server \(server) --alter --topic \(topic) "
                + "--partitions \(difference.planned)"
        case .replication:
            return "kafka-reassign-partitions.sh --bootstrap-server \(server) --execute "
                + "--reassignment-json-file <file with \(difference.planned) replicas for each partition of \(topic)>"
        case .configuration(let name):
            let value =
                name == FoundTopic.minimumInSyncProperty
                ? difference.planned.split(separator: " ").last.map(String.init) ?? difference.planned
                : difference.planned
            return "kafka-configs.sh --bootstrap-server \(server) --alter --entity-type topics --entity-name \(topic) "
                + "--add-config \(name)=\(value)"
        }
    }

    private func partitions(_ difference: TopicDifference) -> String {
        let sharing = "at most \(difference.found) instances of a lane share its work"
        let together =
            "topics that belong together must have the same number (baton-events, batons, progress; journal, usage, "
            + "ledger)"
        return isMore(difference)
            ? "\(sharing); \(together). Partitions cannot be taken away: set RELAY_CONTROL_PARTITIONS to "
                + "\(difference.found) for every process, or delete the topic while nothing runs"
            : "\(sharing); \(together). Change it only while no baton runs: keys move to other partitions"
    }

    private func retention(_ difference: TopicDifference) -> String {
        guard let planned = Int64(difference.planned), let found = Int64(difference.found) else {
            return "records are kept for another time than planned"
        }
        return found == -1 || (planned != -1 && found > planned)
            ? "records are kept longer than planned: more disk" : "records are deleted earlier than planned"
    }

    private func isMore(_ difference: TopicDifference) -> Bool {
        (Int64(difference.found) ?? 0) > (Int64(difference.planned) ?? 0)
    }
}
