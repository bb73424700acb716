// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The file with everything that a stage's commands wrote.
package struct StageLog: Sendable {
    /// Where it is, for messages.
    package let path: String

    /// Begins the log of a stage anew.
    package init(stage: String, in directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        path = "\(directory)/\(stage.replacing("/", with: "_")).log"
        try Data().write(to: URL(filePath: path))
    }

    /// Adds a line.
    package func append(_ line: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The last lines, cut to a length that a message can carry.
    package func tail(lines: Int = 12) -> String {
        guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)) else { return "" }
        defer { try? file.close() }
        let maximumBytes: UInt64 = 4096
        guard let end = try? file.seekToEnd() else { return "" }
        guard (try? file.seek(toOffset: end > maximumBytes ? end - maximumBytes : 0)) != nil,
            let data = try? file.readToEnd()
        else { return "" }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
