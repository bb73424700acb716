// SPDX-License-Identifier: Apache-2.0

package import Kafka
package import LegRuntime

/// What `relay topics apply` did and found; also its JSON form.
package struct TopicReport: Encodable, Sendable, Equatable {
    /// One line of the table.
    package struct Difference: Encodable, Sendable, Equatable {
        var topic: String
        var property: String
        var planned: String
        var found: String
        /// What follows from it.
        var meaning: String
        /// What would change it.
        var command: String?
    }

    var created: [String]
    /// Topics that were looked at.
    var checked: Int
    /// What is not as planned.
    package var differences: [Difference]

    init(created: [String], checked: Int, differences: [TopicDifference], advice: TopicAdvice) {
        self.created = created
        self.checked = checked
        self.differences = differences.map { difference in
            Difference(
                topic: difference.topic, property: difference.property.name, planned: difference.planned,
                found: difference.found, meaning: advice.meaning(difference), command: advice.command(difference))
        }
    }

    /// The report for people.
    package var lines: [String] {
        let made = created.isEmpty ? "" : ", \(created.count) of them new"
        guard !differences.isEmpty else { return ["\(checked) topics are as planned\(made)"] }
        let rows = differences.map { [$0.topic, $0.property, $0.planned, $0.found] }
        var meanings: [String] = []
        for difference in differences where !meanings.contains(difference.meaning) {
            meanings.append(difference.meaning)
        }
        // What means the same is said once.
        let notes = meanings.flatMap { meaning in
            let alike = differences.filter { $0.meaning == meaning }
            let topics = alike.count == 1 ? alike[0].topic : "\(alike.count) topics"
            return ["", "\(topics), \(alike[0].property): \(meaning)."] + alike.compactMap(\.command).map { "  \($0)" }
        }
        return Table.lines(["topic", "property", "planned", "found"], rows) + notes + [
            "", "\(differences.count) differences in \(checked) topics\(made); nothing that exists was changed",
        ]
    }
}

/// What `relay topics list` shows; also its JSON form.
package struct TopicLine: Encodable, Sendable, Equatable {
    var topic: String
    var partitions: Int
    var replicas: Int
    var cleanup: String
    /// Nil when records are kept for ever, or as compaction wants it.
    var retentionMilliseconds: Int64?
    /// Offsets between the oldest and the end: records and transaction markers.
    var records: Int64

    /// A topic, counted between the oldest offsets and the ends.
    package init(_ found: FoundTopic, beginnings: [TopicPartition: Int64], ends: [TopicPartition: Int64]) {
        topic = found.description.name
        partitions = found.description.partitions.count
        replicas = found.description.replicationFactor
        cleanup = found.properties["cleanup.policy"] ?? "unknown"
        let retention = found.properties["retention.ms"].flatMap { Int64($0) }
        retentionMilliseconds = cleanup.contains("delete") ? retention.flatMap { $0 < 0 ? nil : $0 } : nil
        records = found.description.topicPartitions.reduce(0) { sum, partition in
            sum + max(0, (ends[partition] ?? 0) - (beginnings[partition] ?? 0))
        }
    }

    /// The topics for people.
    package static func table(_ topics: [TopicLine]) -> [String] {
        Table.lines(
            ["topic", "partitions", "replicas", "cleanup", "retention", "records"],
            topics.map { topic in
                [
                    topic.topic, "\(topic.partitions)", "\(topic.replicas)", topic.cleanup,
                    topic.retentionMilliseconds.map(Self.time) ?? "-", "\(topic.records)",
                ]
            })
    }

    /// In the largest unit that leaves nothing over.
    static func time(milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
        for (length, name) in units where milliseconds >= length && milliseconds % length == 0 {
            return "\(milliseconds / length) \(name)"
        }
        return "\(milliseconds) ms"
    }
}

/// Columns of text as wide as they need to be.
enum Table {
    static func lines(_ head: [String], _ rows: [[String]]) -> [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] + 2 - cell.count)
            }
            return cells.joined()
        }
    }
}
