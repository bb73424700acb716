// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// The log of the broker's own state. A record is its length, its CRC-32C and its bytes.
final class MetadataLog {
    private static let frameSize = 8
    private static let largestRecord = 64 << 20

    /// A log smaller than this is left as it is.
    private static let compactionMinimum = 8 << 20
    private static let compactionGrowth = 4

    private let path: String
    private var file: LogFile
    private var size = 0
    private var sizeAfterCompaction = 0
    private var isUnsynced = false
    /// Bytes appended since the log was opened; never goes back.
    private(set) var appended: Int64 = 0

    /// Whether most of the log says what has been said anew since.
    var isWorthCompacting: Bool { size > max(Self.compactionMinimum, Self.compactionGrowth * sizeAfterCompaction) }

    /// Opens the log, cutting a torn record at its end, and hands over what it holds.
    init(path: String, each body: (MetadataRecord) throws -> Void) throws {
        self.path = path
        file = try LogFile(path: path)
        let fileSize = try file.size()
        while let payload = try Self.payload(in: file, at: size, fileSize: fileSize) {
            try body(try MetadataCoding.decode(payload))
            size += Self.frameSize + payload.readableBytes
        }
        if size < fileSize { try file.truncate(to: size) }
    }

    func append(_ records: [MetadataRecord]) throws {
        let bytes = try Self.encode(records)
        do {
            try file.write(bytes, at: size)
        } catch {
            try file.truncate(to: size)
            throw error
        }
        size += bytes.readableBytes
        appended += Int64(bytes.readableBytes)
        isUnsynced = true
    }

    /// Puts a log with these records in the place of the old one; the new one is on the device before it counts.
    func replace(with records: [MetadataRecord]) throws {
        let bytes = try Self.encode(records)
        let newPath = path + ".new"
        let replacement = try LogFile(path: newPath)
        try replacement.truncate(to: 0)
        try replacement.write(bytes, at: 0)
        try replacement.sync()
        guard rename(newPath, path) == 0 else { throw StorageError("rename", newPath) }
        try Directory.sync(URL(filePath: path).deletingLastPathComponent().path)
        file = replacement
        size = bytes.readableBytes
        sizeAfterCompaction = size
        isUnsynced = false
    }

    private static func encode(_ records: [MetadataRecord]) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for record in records {
            let payload = try MetadataCoding.encode(record)
            bytes.writeInteger(UInt32(payload.readableBytes))
            bytes.writeInteger(payload.withUnsafeReadableBytes(CRC32C.checksum))
            bytes.writeImmutableBuffer(payload)
        }
        return bytes
    }

    func takeUnsynced() -> [LogFile] {
        defer { isUnsynced = false }
        return isUnsynced ? [file] : []
    }

    /// Nil at the end of the log and at a torn record.
    private static func payload(in file: LogFile, at position: Int, fileSize: Int) throws -> ByteBuffer? {
        guard position + frameSize <= fileSize else { return nil }
        var frame = try file.read(at: position, count: frameSize)
        guard let length = frame.readInteger(as: UInt32.self), let checksum = frame.readInteger(as: UInt32.self),
            length > 0, length <= largestRecord, position + frameSize + Int(length) <= fileSize
        else { return nil }
        let payload = try file.read(at: position + frameSize, count: Int(length))
        return payload.withUnsafeReadableBytes(CRC32C.checksum) == checksum ? payload : nil
    }
}
