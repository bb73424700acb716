// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// The log of the broker's own state. A record is its length, its CRC-32C and its bytes.
final class MetadataLog {
    private static let frameSize = 8
    private static let largestRecord = 64 << 20

    /// A log smaller than this is left as it is.
    private static let compactionMinimum = 1 << 20
    private static let compactionGrowth = 4
    /// At a clean shutdown, smaller ones are rewritten too.
    private static let restingMinimum = 64 << 10

    private let path: String
    private var file: LogFile
    private var size = 0
    private var sizeAfterCompaction = 0
    private var isUnsynced = false
    /// Whether a failed write may have left bytes after the last whole record.
    private var hasLeftover = false
    /// Bytes appended since the log was opened; never goes back.
    private(set) var appended: Int64 = 0

    /// Whether most of the log says what has been said anew since.
    var isWorthCompacting: Bool { size > max(Self.compactionMinimum, Self.compactionGrowth * sizeAfterCompaction) }

    var isWorthCompactingAtRest: Bool { size > max(Self.restingMinimum, 2 * sizeAfterCompaction) }

    /// A record is larger than what is read again.
    struct TooLarge: Error {
        var bytes: Int
    }

    /// A record cannot be read, and there are whole ones behind it: without it they may mean something else.
    struct Damaged: Error, CustomStringConvertible {
        var path: String
        var position: Int
        var next: Int

        var description: String {
            """
            \(path) is damaged at byte \(position), and whole records follow from byte \(next) on: the broker does not \
            guess what topics, offsets and transactions they stand for. Look after the device, and restore the data \
            directory from a copy, or the relay from its backup (`relay restore`) onto an empty one. Nothing was changed
            """
        }
    }

    /// The old log is still in place, whole.
    struct NotReplaced: Error {
        var cause: any Error
    }

    /// Opens the log, cutting a torn record at its end, and hands over what it holds.
    init(path: String, each body: (MetadataRecord) throws -> Void) throws {
        self.path = path
        file = try LogFile(path: path)
        let fileSize = try file.size()
        var input = BufferedInput(file)
        while let payload = try Self.payload(from: &input) {
            try body(try MetadataCoding.decode(payload))
            size += Self.frameSize + payload.readableBytes
        }
        if size < fileSize {
            if let next = try Self.nextRecord(in: file, behind: size, fileSize) {
                throw Damaged(path: path, position: size, next: next)
            }
            try cutTorn(to: size, of: fileSize)
        }
        // What was found may have been written and not synced; from here on it counts as durable.
        if fileSize > 0 { try file.sync() }
    }

    /// What is torn off the end was never acknowledged; it is kept all the same.
    private func cutTorn(to size: Int, of fileSize: Int) throws {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        _ = try SetAside(directory: directory).keep(size..<fileSize, of: file, now: now)
        try file.truncate(to: size)
    }

    /// Where a whole record begins behind one that cannot be read.
    private static func nextRecord(in file: LogFile, behind position: Int, _ fileSize: Int) throws -> Int? {
        let rest = try file.read(at: position, count: fileSize - position)
        for place in rest.readerIndex + 1..<max(rest.readerIndex + 1, rest.writerIndex - frameSize) {
            guard let length = rest.getInteger(at: place, as: UInt32.self), length > 0,
                Int(length) <= rest.writerIndex - place - frameSize,
                let checksum = rest.getInteger(at: place + 4, as: UInt32.self),
                let payload = rest.getSlice(at: place + frameSize, length: Int(length)),
                payload.withUnsafeReadableBytes(CRC32C.checksum) == checksum,
                (try? MetadataCoding.decode(payload)) != nil
            else { continue }
            return position + place - rest.readerIndex
        }
        return nil
    }

    func append(_ records: [MetadataRecord]) throws {
        let bytes = try Self.encode(records)
        if hasLeftover { try cutLeftover() }
        do {
            try file.write(bytes, at: size)
        } catch {
            hasLeftover = true
            try cutLeftover()
            throw error
        }
        size += bytes.readableBytes
        appended += Int64(bytes.readableBytes)
        isUnsynced = true
    }

    private func cutLeftover() throws {
        try file.truncate(to: size)
        hasLeftover = false
    }

    /// Puts a log with these records in the place of the old one; the new one is on the device before it counts.
    ///
    /// Throws `NotReplaced` when that cannot be, for want of room say; the next time is after the log has grown again.
    func replace(with records: [MetadataRecord]) throws {
        let newPath = path + Directory.unfinished
        let bytes: ByteBuffer
        let replacement: LogFile
        do {
            bytes = try Self.encode(records)
            replacement = try LogFile(path: newPath)
            try replacement.truncate(to: 0)
            try replacement.write(bytes, at: 0)
            try replacement.sync()
            try Directory.rename(newPath, to: path)
        } catch {
            sizeAfterCompaction = size
            throw NotReplaced(cause: error)
        }
        file = replacement
        size = bytes.readableBytes
        sizeAfterCompaction = size
        isUnsynced = false
        try Directory.sync(URL(filePath: path).deletingLastPathComponent().path)
    }

    private static func encode(_ records: [MetadataRecord]) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for record in records {
            let payload = try MetadataCoding.encode(record)
            guard payload.readableBytes <= largestRecord else { throw TooLarge(bytes: payload.readableBytes) }
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
    private static func payload(from input: inout BufferedInput) throws -> ByteBuffer? {
        guard var frame = try input.next(frameSize), let length = frame.readInteger(as: UInt32.self),
            let checksum = frame.readInteger(as: UInt32.self), length > 0, length <= largestRecord,
            let payload = try input.next(Int(length))
        else { return nil }
        return payload.withUnsafeReadableBytes(CRC32C.checksum) == checksum ? payload : nil
    }

    /// The file's bytes in order, read in large pieces.
    private struct BufferedInput {
        let file: LogFile
        private var position = 0
        private var chunk = ByteBuffer()

        init(_ file: LogFile) { self.file = file }

        /// Nil when the file ends before.
        mutating func next(_ count: Int) throws -> ByteBuffer? {
            if chunk.readableBytes < count {
                chunk = try file.read(at: position, count: max(count, 1 << 20))
            }
            position += count
            return chunk.readSlice(length: count)
        }
    }
}
