// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import RelayClients

/// Writes the records of one partition, a line each.
final class RecordFileWriter {
    /// Written out when that much has gathered.
    private static let bufferBytes = 128 * 1024

    let path: String
    private(set) var records = 0
    private let file: FileHandle
    private var buffer = Data()

    /// - Throws: `RelayFailure` when the file cannot be made.
    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else {
            throw RelayFailure(
                "\(path) cannot be written", remedy: "see that the disk has room and the directory can be written to")
        }
        self.path = path
        self.file = file
    }

    func write(_ record: StoredRecord) throws {
        buffer.append(contentsOf: JSON.encode(record))
        buffer.append(UInt8(ascii: "\n"))
        records += 1
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Has everything on the disk.
    func close() throws {
        try flush()
        try file.synchronize()
        try file.close()
    }

    private func flush() throws {
        try file.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Reads the records of one partition.
final class RecordFileReader {
    private static let chunkBytes = 64 * 1024

    private let path: String
    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var line = 0

    /// - Throws: `RelayFailure` when there is no such file.
    init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw RelayFailure("\(path) cannot be read", remedy: "fetch the whole directory of the backup again")
        }
        self.path = path
        self.file = file
    }

    deinit { try? file.close() }

    /// The next record; nil at the end.
    /// - Throws: `RelayFailure` that names the line.
    func next() throws -> StoredRecord? {
        guard let bytes = try nextLine() else { return nil }
        line += 1
        do throws(Refusal) {
            return try JSON.decode(StoredRecord.self, from: bytes)
        } catch {
            throw RelayFailure(
                "line \(line) of \(path) is no record: \(error.description)",
                remedy: "fetch the whole directory of the backup again")
        }
    }

    private func nextLine() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            guard let chunk = try file.read(upToCount: Self.chunkBytes), !chunk.isEmpty else {
                guard !buffer.isEmpty else { return nil }
                defer { buffer = [] }
                return buffer
            }
            buffer.append(contentsOf: chunk)
        }
    }
}
