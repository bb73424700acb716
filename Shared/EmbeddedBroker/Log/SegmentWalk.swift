// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// Goes through a segment's bytes from batch to batch. What is no sound batch is passed over, up to the next that is.
///
/// A batch is sound when its checksum is right, its leader epoch is the one that this broker writes, and its offsets
/// fit between those before and behind it: the checksum does not cover them.
struct SegmentWalk {
    enum Step {
        case batch(RecordBatchHeader, ByteBuffer, at: Int)
        /// No sound batch lies in these bytes, and one begins behind them.
        case damage(Range<Int>)
        /// No sound batch lies from here to the end.
        case rest(from: Int)
    }

    private static let chunkBytes = 1 << 20
    /// A compaction leaves no larger gap within a segment.
    private static let widestGap = Int64(Int32.max)
    private static let magicPlace = 16

    private let file: LogFile
    private let end: Int
    /// The offset that the next segment begins with; nil for the last segment, which has no gaps and may be torn.
    private let endOffset: Int64?
    private var position: Int
    private var nextOffset: Int64
    private var isBehindDamage = false
    private var chunk = ByteBuffer()
    private var chunkStart = 0

    /// - Parameters:
    ///   - range: What to walk through; a batch is to begin where it begins.
    ///   - nextOffset: The least offset that the first batch may have.
    init(_ file: LogFile, _ range: Range<Int>, nextOffset: Int64, endOffset: Int64?) {
        self.file = file
        end = range.upperBound
        position = range.lowerBound
        self.nextOffset = nextOffset
        self.endOffset = endOffset
    }

    /// Nil at the end.
    mutating func next() throws(StorageError) -> Step? {
        let place = position
        guard place < end else { return nil }
        if let found = try sound(at: place, from: nextOffset), try fits(found.header, at: place) {
            position += found.header.totalSize
            nextOffset = found.header.lastOffset + 1
            isBehindDamage = false
            return .batch(found.header, found.batch, at: place)
        }
        guard let next = try nextSound(behind: place) else {
            position = end
            return .rest(from: place)
        }
        position = next
        isBehindDamage = true
        return .damage(place..<next)
    }

    private mutating func sound(
        at place: Int, from least: Int64
    ) throws(StorageError) -> (header: RecordBatchHeader, batch: ByteBuffer)? {
        guard let header = try head(at: place), header.magic == 2, header.totalSize >= RecordBatchHeader.size,
            header.totalSize <= end - place, header.baseOffset >= least, header.baseOffset - least <= Self.widestGap,
            header.lastOffsetDelta >= 0, header.lastOffset < endOffset ?? .max,
            let batch = try bytes(at: place, count: header.totalSize), header.isIntact(batch),
            batch.getInteger(at: batch.readerIndex + RecordBatchHeader.lengthOverhead, as: Int32.self)
                == Broker.leaderEpoch
        else { return nil }
        return (header, batch)
    }

    /// Whether a gap before a batch is none that a damaged offset makes: what follows would then lie before it.
    private mutating func fits(_ header: RecordBatchHeader, at place: Int) throws(StorageError) -> Bool {
        guard header.baseOffset > nextOffset, !isBehindDamage else { return true }
        guard place + header.totalSize < end else { return endOffset != nil }
        guard let following = try head(at: place + header.totalSize), following.magic == 2 else { return true }
        return following.baseOffset > header.lastOffset
    }

    private mutating func nextSound(behind place: Int) throws(StorageError) -> Int? {
        guard let header = try head(at: place), header.magic == 2 else { return try search(behind: place) }
        let following = place + header.totalSize
        // The last one, whole and damaged: what looks like a batch in it is what somebody wrote into a record.
        if following == end { return nil }
        if following > place, following < end, try sound(at: following, from: nextOffset) != nil { return following }
        // Its length may be damaged, or it is torn. Behind a torn one nothing follows that fits so well.
        let isTornPerhaps = following > end && endOffset == nil && header.baseOffset == nextOffset
        return try search(behind: place, onlyAt: isTornPerhaps ? header.lastOffset &+ 1 : nil)
    }

    /// - Parameter expected: The offset to be found; any other needs a sound batch right behind its own.
    private mutating func search(behind start: Int, onlyAt expected: Int64? = nil) throws(StorageError) -> Int? {
        var place = start + 1
        while let magic = try nextMagic(from: place + Self.magicPlace) {
            place = magic - Self.magicPlace
            // What is damaged had an offset of its own.
            if let header = try sound(at: place, from: nextOffset + 1)?.header {
                guard let expected, header.baseOffset != expected else { return place }
                if try sound(at: place + header.totalSize, from: header.lastOffset + 1) != nil { return place }
            }
            place += 1
        }
        return nil
    }

    /// Where the next byte is that may be a batch's magic number.
    private mutating func nextMagic(from start: Int) throws(StorageError) -> Int? {
        var place = start
        while place < end {
            if !(chunkStart..<(chunkStart + chunk.readableBytes)).contains(place) { try fill(at: place, count: 1) }
            guard
                let window = chunk.getSlice(
                    at: place - chunkStart, length: chunkStart + chunk.readableBytes - place), window.readableBytes > 0
            else { return nil }
            let found = window.withUnsafeReadableBytes { bytes in
                bytes.baseAddress.flatMap { base in memchr(base, 2, bytes.count).map { UnsafeRawPointer($0) - base } }
            }
            if let found { return place + found }
            place += window.readableBytes
        }
        return nil
    }

    private mutating func head(at place: Int) throws(StorageError) -> RecordBatchHeader? {
        try bytes(at: place, count: RecordBatchHeader.size).flatMap { RecordBatchHeader($0, at: $0.readerIndex) }
    }

    /// Nil when the range ends before.
    private mutating func bytes(at place: Int, count: Int) throws(StorageError) -> ByteBuffer? {
        guard count <= end - place else { return nil }
        if place < chunkStart || place + count > chunkStart + chunk.readableBytes {
            try fill(at: place, count: count)
        }
        return chunk.getSlice(at: place - chunkStart, length: count)
    }

    private mutating func fill(at place: Int, count: Int) throws(StorageError) {
        chunk = try file.read(at: place, count: min(max(Self.chunkBytes, count), end - place))
        chunkStart = place
    }
}
