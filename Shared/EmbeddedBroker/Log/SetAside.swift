// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// Keeps bytes that are taken out of a log, in files beside it.
struct SetAside {
    static let fileSuffix = ".set-aside"
    /// The newest are kept.
    static let fileLimit = 16
    /// More of one piece is not kept.
    static let byteLimit = 64 << 20

    private static let manyZeros = 4096

    let directory: String

    /// Copies bytes of a segment into a file of their own, which is durable when this returns.
    ///
    /// Many zeros at the end are left out: a file system may leave as many as it likes after a loss of power.
    /// - Returns: The file's path; nil when there was nothing but zeros.
    func keep(_ bytes: Range<Int>, of file: LogFile, now: Int64) throws(StorageError) -> String? {
        let source = URL(filePath: file.path).deletingPathExtension().lastPathComponent
        let date = Date(timeIntervalSince1970: Double(now) / 1000).formatted(
            .iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        var kept = try file.read(at: bytes.lowerBound, count: min(bytes.count, Self.byteLimit))
        guard let last = kept.readableBytesView.lastIndex(where: { $0 != 0 }) else { return nil }
        if kept.writerIndex - last > Self.manyZeros { kept.moveWriterIndex(to: last + 1) }
        let path = "\(directory)/\(source)-\(bytes.lowerBound).\(date)\(Self.fileSuffix)"
        let copy = try LogFile(path: path)
        try copy.truncate(to: 0)
        try copy.write(kept, at: 0)
        try copy.sync()
        try Directory.sync(directory)
        try forgetOldest()
        return path
    }

    private func forgetOldest() throws(StorageError) {
        let files = try Directory.entries(directory).filter { $0.hasSuffix(Self.fileSuffix) }
        let byDate = files.sorted { Self.date(of: $0) < Self.date(of: $1) }
        for name in byDate.dropLast(Self.fileLimit) { try Directory.remove("\(directory)/\(name)") }
    }

    private static func date(of name: String) -> Substring {
        name.dropLast(fileSuffix.count).split(separator: ".").last ?? ""
    }
}
