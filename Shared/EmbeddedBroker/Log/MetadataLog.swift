// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The log of the broker's own state. A record is its length, its CRC-32C and its bytes.
final class MetadataLog {
    private static let frameSize = 8
    private static let largestRecord = 64 << 20

    private let file: LogFile
    private(set) var position: Int
    private var isUnsynced = false

    /// Opens the log, cutting a torn record at its end, and hands over what it holds.
    init(path: String, each body: (MetadataRecord) throws -> Void) throws {
        file = try LogFile(path: path)
        position = 0
        let fileSize = try file.size()
        while let payload = try Self.payload(in: file, at: position, fileSize: fileSize) {
            try body(try MetadataCoding.decode(payload))
            position += Self.frameSize + payload.readableBytes
        }
        if position < fileSize { try file.truncate(to: position) }
    }

    func append(_ records: [MetadataRecord]) throws {
        var bytes = ByteBuffer()
        for record in records {
            let payload = try MetadataCoding.encode(record)
            bytes.writeInteger(UInt32(payload.readableBytes))
            bytes.writeInteger(payload.withUnsafeReadableBytes(CRC32C.checksum))
            bytes.writeImmutableBuffer(payload)
        }
        do {
            try file.write(bytes, at: position)
        } catch {
            try file.truncate(to: position)
            throw error
        }
        position += bytes.readableBytes
        isUnsynced = true
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
