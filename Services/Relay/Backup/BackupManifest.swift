// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka
import RelayClients

/// What a backup holds: `manifest.json` beside the files of its partitions.
package struct BackupManifest: Codable, Sendable, Equatable {
    /// The format that this release writes, and the newest that it reads.
    static let currentFormat = 1
    static let fileName = "manifest.json"

    struct Topic: Codable, Sendable, Equatable {
        var name: String
        /// Kafka's topic configuration in force.
        var configuration: [String: String]
        /// Whether others refer to the offsets of its records, so that these must be the same again.
        var keepsOffsets: Bool
        var partitions: [Partition]
    }

    struct Partition: Codable, Sendable, Equatable {
        var number: Int32
        /// The oldest offset that was kept.
        var begin: Int64
        /// Where it ended for readers of committed records.
        var end: Int64
        /// Committed records between the two.
        var records: Int
        /// Relative to the manifest.
        var file: String
        var bytes: Int
        /// Of the file; 64 hexadecimal digits.
        var sha256: String
    }

    struct Group: Codable, Sendable, Equatable {
        var name: String
        var offsets: [Offset]
    }

    struct Offset: Codable, Sendable, Equatable {
        var topic: String
        var partition: Int32
        /// The next one to read.
        var offset: Int64
        /// What the group keeps beside it: for a leg, what is finished above it.
        var text: String?
    }

    var format = currentFormat
    /// The release of the suite that wrote it.
    var suite: String
    var createdAt: Timestamp
    /// Kafka's own name of the cluster.
    var cluster: String?
    /// Precedes the names of all topics and groups.
    var prefix: String
    var topics: [Topic]
    var groups: [Group]

    var records: Int { topics.flatMap(\.partitions).reduce(0) { $0 + $1.records } }
    var bytes: Int { topics.flatMap(\.partitions).reduce(0) { $0 + $1.bytes } }
    var partitions: Int { topics.reduce(0) { $0 + $1.partitions.count } }

    /// Every partition with its topic.
    var places: [(topic: Topic, partition: Partition, id: TopicPartition)] {
        topics.flatMap { topic in
            topic.partitions.map { (topic, $0, TopicPartition(topic: topic.name, partition: $0.number)) }
        }
    }

    /// Reads the manifest of a backup.
    /// - Throws: `RelayFailure` when there is none, or none that this release understands.
    static func read(in directory: String) throws -> BackupManifest {
        let path = "\(directory)/\(fileName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RelayFailure(
                "there is no \(fileName) in \(directory)",
                remedy: "name the directory that `relay backup` made; one that it could not finish has another name")
        }
        struct Head: Decodable { var format: Int }
        do throws(Refusal) {
            let format = try JSON.decode(Head.self, from: Array(data)).format
            guard format <= currentFormat else {
                throw Refusal("its format is \(format), and this release reads up to \(currentFormat): use a newer one")
            }
            return try JSON.decode(BackupManifest.self, from: Array(data))
        } catch {
            throw RelayFailure(
                "\(path) cannot be read: \(error.description)", remedy: "take another backup, or another release")
        }
    }
}

extension BackupManifest.Topic {
    /// Whether Kafka deletes records of it when asked to.
    var isDeletable: Bool { configuration["cleanup.policy"]?.contains("delete") ?? true }

    /// After which its records are removed; nil when they are kept.
    var retentionMilliseconds: Int64? {
        guard isDeletable else { return nil }
        return configuration["retention.ms"].flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
    }
}
