// SPDX-License-Identifier: Apache-2.0

import Baton
package import Kafka
package import RelayClients

/// The dead letters that are asked for, and which of all were published again. Pure: records go in.
package struct LetterBox: Sendable {
    /// Most letters that are kept, the newest; the rest are only counted.
    let limit: Int
    private let wanted: @Sendable (Letter) -> Bool
    private var letters: [Letter] = []
    private(set) var replays: [LetterPlace: Int] = [:]
    /// Letters that matched, those that were not kept too.
    private(set) var matched = 0

    /// Keeps the newest `limit` of those that are wanted.
    package init(limit: Int, wanted: @escaping @Sendable (Letter) -> Bool) {
        self.limit = limit
        self.wanted = wanted
    }

    /// Takes in a record of the topic of dead letters: a letter, or the note that one was published again.
    package mutating func take(_ record: ConsumerRecord) {
        if let note = record.headers.first(where: { $0.name == DeadLetterHeader.replayed.rawValue }) {
            let text = note.value.map { String(decoding: $0, as: UTF8.self) } ?? ""
            if let place = LetterPlace(text) { replays[place, default: 0] += 1 }
            return
        }
        let letter = Letter(record)
        guard wanted(letter) else { return }
        matched += 1
        letters.append(letter)
        if letters.count >= 2 * limit { letters = newest }
    }

    /// The letters that are kept, oldest first.
    var newest: [Letter] {
        Array(letters.sorted { ($0.at, $0.place) < ($1.at, $1.place) }.suffix(limit))
    }
}

/// Reads the topic of dead letters from outside.
package struct LetterReader: Sendable {
    let access: KafkaAccess

    /// Of its parts.
    package init(access: KafkaAccess) {
        self.access = access
    }

    /// Fills a box with all there is, transactions that are still open waited for.
    package func fill(_ box: LetterBox) async throws -> LetterBox {
        let name = access.topics.deadLetters
        let partitions = try await partitions(of: name)
        var box = box
        try await access.kafka.withPartitionReader(logger: access.logger) { reader in
            try await reader.readAll(partitions) { records in
                for record in records { box.take(record) }
            }
        }
        return box
    }

    private func partitions(of name: String) async throws -> [TopicPartition] {
        let found = try await access.kafka.withAdmin(logger: access.logger) { admin in
            try await admin.topics()
        }
        guard let topic = found.first(where: { $0.name == name }) else {
            throw RelayFailure(
                "there is no topic \(name)",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers, and its RELAY_TOPIC_PREFIX")
        }
        return topic.topicPartitions
    }
}
