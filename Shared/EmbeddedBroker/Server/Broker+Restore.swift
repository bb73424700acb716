// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOCore

extension Broker {
    /// Rebuilds the broker's state from the metadata log's image and the partitions' files.
    func restore(_ image: MetadataImage) throws {
        try Directory.create(topicsDirectory)
        bootID = Self.currentBootID()
        let wasRebooted = image.cluster.map { $0.bootID != bootID } ?? false
        clusterID = image.cluster?.clusterID ?? Self.newClusterID()
        if image.cluster?.bootID != bootID {
            try record(.cluster(ClusterRecord(clusterID: clusterID, bootID: bootID)))
        }
        nextProducerID = image.nextProducerID
        producerIDLimit = image.nextProducerID
        offsets = image.offsets
        emptyGroups = image.emptyGroups
        groups = image.groups.mapValues { Group($0, initialDelay: initialRebalanceDelay, now: .now()) }
        for (id, group) in groups { groupMemory.set(id, group.bytes) }
        try restoreTopics(image)
        for record in image.transactions.values {
            transactions[record.transactionalID] = Transaction(record)
            transactionalIDs[record.producerID] = record.transactionalID
        }
        lastCommits = image.lastCommits
        try restoreMarkers()
        try settleTransactions(wasRebooted: wasRebooted)
        logger.info(
            "Log recovered",
            metadata: [
                "topics": "\(topics.count)", "groups": "\(groups.count)", "transactions": "\(transactions.count)",
            ])
    }

    private func restoreTopics(_ image: MetadataImage) throws {
        var expected: Set<String> = []
        for record in image.topics.values {
            let configuration = try TopicConfiguration(record.configs)
            let partitions = try (0..<record.partitionCount).map { index in
                let id = TopicPartition(topic: record.name, partition: index)
                expected.insert("\(id.topic)-\(id.partition)")
                let partition = try openPartition(
                    id, configuration: configuration, startOffset: image.logStarts[id] ?? 0)
                // What the last process wrote and did not sync counts as durable from here on.
                if self.configuration.fsync == .groupCommit { try partition.log.segments.last?.file.sync() }
                return partition
            }
            topics[record.name] = HostedTopic(
                name: record.name, id: record.id, configuration: configuration, partitions: partitions)
        }
        // Left over from a deletion that the end of the process interrupted.
        for entry in try Directory.entries(topicsDirectory) where !expected.contains(entry) {
            try Directory.remove("\(topicsDirectory)/\(entry)")
        }
    }

    /// Writes again the markers of commits that a loss of power took, before anyone takes for open what was committed.
    private func restoreMarkers() throws {
        for partition in topics.values.flatMap(\.partitions) {
            for (producer, since) in partition.log.producers.open
            where lastCommits.isCommitted(partition.id, producerID: producer, since: since) {
                // One that is still to be completed gets its markers as soon as there is room for them.
                let owner = transactionalIDs[producer].flatMap { transactions[$0] }
                if owner?.state == .prepareCommit { continue }
                logger.warning(
                    "Lost marker of a committed transaction written again",
                    metadata: ["partition": "\(partition.id)", "producer": "\(producer)"])
                try end(.commit, producer: producer, in: partition)
            }
        }
        // What was never synced may be gone, and others' records may come to lie where it began.
        let gone = lastCommits.records { try? partition($0.topic, $0.partition).log.endOffset }
        for record in gone { lastCommits.apply(record) }
        if !gone.isEmpty { try record(gone.map { .committed($0) }) }
    }

    private func end(_ outcome: TransactionOutcome, producer: Int64, in partition: HostedPartition) throws {
        let epoch = partition.log.producers.entries[producer]?.epoch ?? 0
        try partition.log.appendMarker(outcome, producerID: producer, producerEpoch: epoch, timestamp: wallClock)
        partition.gate.wrote(upTo: partition.log.endOffset)
    }

    /// Brings decided transactions to their end, and ends what nobody can end any more.
    ///
    /// An open transaction goes on when only the process was restarted. After a restart of the machine it is aborted:
    /// its records are not synced before its end, so some may be gone.
    private func settleTransactions(wasRebooted: Bool) throws {
        for id in transactions.keys.sorted() {
            guard var transaction = transactions[id] else { continue }
            if transaction.state == .ongoing, wasRebooted {
                transaction.fence()
                transaction.prepare(.abort, now: wallClock)
                transactions[id] = transaction
                try record(.transaction(transaction.record))
                endOffsets(of: transaction)
            }
            guard transactions[id]?.isEnding == true else { continue }
            do throws(ErrorCode) {
                try completeTransaction(id)
            } catch {
                completeLater(id)
            }
        }
        for partition in topics.values.flatMap(\.partitions) {
            for producer in partition.log.producers.openProducers {
                let owner = transactionalIDs[producer].flatMap { transactions[$0] }
                guard owner?.state != .ongoing || owner?.partitions.contains(partition.id) != true else { continue }
                logger.warning(
                    "Transaction without an owner aborted",
                    metadata: ["partition": "\(partition.id)", "producer": "\(producer)"])
                try end(.abort, producer: producer, in: partition)
            }
        }
    }

    var initialRebalanceDelay: TimeAmount { TimeAmount(configuration.groupInitialRebalanceDelay) }

    private static func newClusterID() -> String {
        Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Names the run of the operating system: what was written but not synced is there only within one.
    private static func currentBootID() -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "" }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
