// SPDX-License-Identifier: Apache-2.0

import Baton

/// What a backup holds, for whoever made or restored it; also its JSON form.
package struct BackupSummary: Encodable, Sendable, Equatable {
    /// Where the backup lies.
    package var directory: String
    var createdAt: Timestamp
    var suite: String
    /// Topics in it.
    package var topics: Int
    /// Partitions of all topics.
    package var partitions: Int
    /// Committed records of all partitions.
    package var records: Int
    /// Size of the partitions' files.
    package var bytes: Int
    /// Consumer groups whose offsets are kept.
    package var groups: Int

    /// What a manifest tells of the backup in a directory.
    package init(_ manifest: BackupManifest, directory: String) {
        self.directory = directory
        createdAt = manifest.createdAt
        suite = manifest.suite
        topics = manifest.topics.count
        partitions = manifest.partitions
        records = manifest.records
        bytes = manifest.bytes
        groups = manifest.groups.count
    }
}
