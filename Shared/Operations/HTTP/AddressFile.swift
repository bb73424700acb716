// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Tells other processes of the machine where this one listens.
public struct BoundAddress: Codable, Sendable, Equatable {
    /// The address listened on.
    public let host: String
    /// The port that the system gave.
    public let port: Int
    /// The process that listens.
    public let pid: Int32

    /// An address of this process.
    public init(host: String, port: Int, pid: Int32 = ProcessInfo.processInfo.processIdentifier) {
        self.host = host
        self.port = port
        self.pid = pid
    }

    /// Writes the file whole or not at all, so that a reader never sees half of it.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try encoder.encode(self).write(to: url, options: .atomic)
    }

    /// Reads a file; nil while there is none.
    /// - Throws: When there is one that is not an address.
    public static func read(_ path: String) throws -> BoundAddress? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try JSONDecoder().decode(BoundAddress.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
