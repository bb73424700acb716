// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import EmbeddedBroker

/// Makes of a broker's directory what a loss of power may leave: the metadata log whole, a partition without its end.
enum PowerLoss {
    /// Takes away all of a partition from an offset on, and what is derived from its log.
    static func strike(_ directory: TemporaryDirectory, topic: String, keeping offset: Int64) throws {
        let partition = "\(directory.path)/topics/\(topic)-0"
        for name in try FileManager.default.contentsOfDirectory(atPath: partition) where name.hasSuffix(".index") {
            try FileManager.default.removeItem(atPath: "\(partition)/\(name)")
        }
        let path = "\(partition)/00000000000000000000.log"
        let file = try LogFile(path: path)
        let kept = StoredBatches.headers(try file.read(at: 0, count: try file.size())).prefix { $0.baseOffset < offset }
        try file.truncate(to: kept.reduce(0) { $0 + $1.totalSize })
        try restartMachine(directory)
    }

    /// Makes the next broker believe that the operating system was started anew.
    static func restartMachine(_ directory: TemporaryDirectory) throws {
        var cluster = ClusterRecord()
        let log = try MetadataLog(path: directory.path + "/metadata.log") {
            if case .cluster(let record) = $0 { cluster = record }
        }
        cluster.bootID = "another"
        try log.append([.cluster(cluster)])
    }
}
