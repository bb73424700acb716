// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

/// What each topic of the relay is to a backup.
struct BackupScope: Sendable {
    let topics: Topics
    private let suite: Set<String>

    init(topics: Topics) {
        self.topics = topics
        suite = Set(topics.all().map(\.name))
    }

    /// Whether a topic or group belongs to the relay.
    func contains(_ name: String) -> Bool { name.hasPrefix(topics.prefix) }

    /// Whether none of the relay's transactions writes to the topic: its records come at any time, and a cut through
    /// them tears nothing.
    func isFree(_ topic: String) -> Bool {
        !suite.contains(topic)
            || [topics.inbox, topics.progress, topics.predictions, topics.outcomes, topics.signals].contains(topic)
    }

    /// Whether offsets of the topic are referred to: by the ledger's entries, whose hashes cover their origins, by the
    /// ids of decisions, by dead letters, and by what a leg has finished.
    func keepsOffsets(_ topic: String) -> Bool {
        let named = [topics.inbox, topics.batonEvents, topics.journal, topics.usage, topics.ledger, topics.deadLetters]
        return named.contains(topic) || Leg.allCases.map(topics.leg).contains(topic)
    }

    /// Compacted topics are read first: what a newer record replaces may be gone a little later.
    func isUrgent(_ topic: String) -> Bool { topic == topics.batons || topic == topics.releases }
}
