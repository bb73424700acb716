// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Writes the records of a backup into topics that are empty.
///
/// All partitions go on together, a step each at a time. A step is looked at before the next one: the marker of a
/// transaction may be written after the commit is answered, and the next record must be behind it.
struct RestoreWriting {
    /// A transaction of a restore is given up, and the restore with it, after this.
    private static let transactionTimeout = Duration.seconds(60)

    let access: KafkaAccess
    let manifest: BackupManifest
    let directory: String
    let show: @Sendable (_ records: Int) -> Void

    /// What a partition still lacks.
    struct Layout {
        let id: TopicPartition
        var offsets: OffsetLayout
    }

    func run(_ admin: KafkaAdmin) async throws {
        var layouts = try manifest.places.map { topic, partition, id in
            let file = try RecordFileReader("\(directory)/\(partition.file)")
            return Layout(
                id: id,
                offsets: try OffsetLayout(
                    // What is only compacted cannot be told to begin anywhere.
                    begin: topic.isDeletable ? partition.begin : 0, end: partition.end,
                    keepsOffsets: topic.keepsOffsets, read: file.next))
        }
        let clients = try Clients(access, Self.transactionTimeout)
        do {
            try await fill(layouts, clients, admin)
            try await clients.transactions.initialise()
            var written = 0
            while true {
                let round = try Round(&layouts)
                guard !round.isEmpty else { break }
                try await clients.write(round)
                try await reach(layouts, clients)
                written += round.records
                show(written)
            }
            await clients.close()
        } catch {
            await clients.close()
            throw error
        }
    }

    /// Has the partitions begin where they began.
    private func fill(_ layouts: [Layout], _ clients: Clients, _ admin: KafkaAdmin) async throws {
        let begins = layouts.filter { $0.offsets.filled > 0 }
        for layout in begins {
            var left = Int(layout.offsets.filled)
            while left > 0 {
                let count = min(left, Int(OffsetLayout.mostHoles))
                try await clients.write(Clients.fillers(count, layout.id))
                left -= count
            }
        }
        try await admin.deleteRecords(
            before: Dictionary(uniqueKeysWithValues: begins.map { ($0.id, $0.offsets.filled) }))
    }

    /// Waits until each partition ends where it should.
    private func reach(_ layouts: [Layout], _ clients: Clients) async throws {
        let wanted = Dictionary(uniqueKeysWithValues: layouts.map { ($0.id, $0.offsets.position) })
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let ends = try await clients.outsider.endOffsets(Array(wanted.keys))
            if let (partition, end) = ends.first(where: { $0.value > wanted[$0.key] ?? 0 }) {
                throw RelayFailure(
                    "\(partition) ends at \(end) and not at \(wanted[partition] ?? 0): somebody else writes to it, "
                        + "or a write had to be repeated",
                    remedy: "stop whatever writes there, delete the topics, and restore again")
            }
            if ends == wanted { return }
            guard ContinuousClock.now < deadline else {
                throw RelayFailure(
                    "the brokers did not end a transaction within 60 s", remedy: "see the brokers' logs")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
