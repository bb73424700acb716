// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
package import RelayClients
import Synchronization

/// Reads the whole ledger from outside, committed entries only, and checks it: each chain in itself, and against the
/// ends that were noted when batons' books were closed.
package struct LedgerAudit: Sendable {
    /// How long nothing may come of a read.
    static let patience = Duration.seconds(60)

    let access: KafkaAccess

    /// Of its parts.
    package init(access: KafkaAccess) {
        self.access = access
    }

    /// Reads and checks the whole ledger.
    package func run() async throws -> LedgerVerdict {
        let topics = access.topics
        let found = try await access.kafka.withAdmin(logger: access.logger) { admin in
            try await access.announcingWait { try await admin.topics() }
        }
        guard let ledger = found.first(where: { $0.name == topics.ledger }) else {
            throw RelayFailure(
                "there is no topic \(topics.ledger)",
                remedy: "name the Kafka that the relay uses with --bootstrap-servers")
        }
        // The states first: what they note is on the ledger by then.
        let batons = found.first { $0.name == topics.batons }?.topicPartitions ?? []
        var noted = NotedEnds()
        try await read(batons) { noted.take($0) }
        var pages = LedgerPages(noted: noted, partitions: ledger.topicPartitions.map(\.partition))
        try await read(ledger.topicPartitions) { pages.take($0) }
        if pages.mustReadAgain {
            pages.begin()
            try await read(ledger.topicPartitions) { pages.take($0) }
        }
        return pages.verdict()
    }

    /// Reads partitions to their ends, or says after a while that nothing comes.
    private func read(_ partitions: [TopicPartition], _ each: (ConsumerRecord) -> Void) async throws {
        guard !partitions.isEmpty else { return }
        let reader = try PartitionReader(access.kafka, logger: access.logger)
        let heard = Mutex(ContinuousClock.now)
        let watch = Task {
            while heard.withLock({ ContinuousClock.now - $0 }) < Self.patience {
                try await Task.sleep(for: .seconds(1))
            }
            await reader.close()
        }
        defer { watch.cancel() }
        do {
            try await reader.readToEnd(partitions) { records in
                heard.withLock { $0 = ContinuousClock.now }
                records.forEach(each)
            }
        } catch {
            let isMute = heard.withLock { ContinuousClock.now - $0 } >= Self.patience
            await reader.close()
            guard isMute else { throw error }
            throw RelayFailure(
                "nothing came of \(partitions[0].topic) for \(Self.patience.components.seconds) s: "
                    + inPlainWords(error),
                remedy: "look at the broker's log, and at `relay doctor`")
        }
        await reader.close()
    }
}
