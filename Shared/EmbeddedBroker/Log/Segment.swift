// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A file with consecutive batches of one partition.
///
/// While it grows its index is in memory; once its checkpoint is on disk and no batch follows it is looked up there.
final class Segment {
    static let fileSuffix = ".log"

    let directory: String
    let file: LogFile
    private(set) var summary: SegmentSummary
    /// Nil when the index is on disk.
    private(set) var index: SparseIndex?
    /// What nobody has read since this process began: whether it is sound is not known. It begins and ends where
    /// batches do.
    private(set) var unchecked = RangeSet<Int>()
    /// Whether a failed write may have left bytes after the last whole batch.
    private var hasLeftover = false

    var baseOffset: Int64 { summary.baseOffset }
    var endOffset: Int64 { summary.endOffset }
    var size: Int { summary.size }
    var maxTimestamp: Int64 { summary.maxTimestamp }
    /// Whether the checkpoint on disk describes the whole segment.
    var isSealed: Bool { index == nil }

    /// A segment with what is known of it; without an index it is sealed.
    init(directory: String, file: LogFile, summary: SegmentSummary, index: SparseIndex?) {
        self.directory = directory
        self.file = file
        self.summary = summary
        self.index = index
    }

    /// A new segment's file, or that of one whose content is to be found out.
    convenience init(directory: String, baseOffset: Int64) throws(StorageError) {
        self.init(
            directory: directory, file: try LogFile(path: Self.path(directory: directory, baseOffset: baseOffset)),
            summary: SegmentSummary(baseOffset: baseOffset), index: SparseIndex())
    }

    static func stem(_ baseOffset: Int64) -> String {
        let digits = String(baseOffset)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
    }

    static func path(directory: String, baseOffset: Int64) -> String {
        "\(directory)/\(stem(baseOffset))\(fileSuffix)"
    }

    static func baseOffset(fileName: String, suffix: String = fileSuffix) -> Int64? {
        guard fileName.hasSuffix(suffix) else { return nil }
        return Int64(fileName.dropLast(suffix.count))
    }

    /// Writes a whole batch at the end. When the write fails (a full disk), the part written is cut off again.
    func append(_ batch: ByteBuffer, header: RecordBatchHeader) throws(StorageError) {
        if hasLeftover { try cutLeftover() }
        do {
            // The head's first fields, with the offset that the batch has here, replace those that the client sent.
            let replaced = 16
            var head = ByteBuffer()
            head.writeInteger(header.baseOffset)
            head.writeInteger(Int32(header.totalSize - RecordBatchHeader.lengthOverhead))
            head.writeInteger(Int32(0))  // leader epoch
            var rest = batch
            rest.moveReaderIndex(forwardBy: replaced)
            try file.write(head, rest, at: size)
        } catch {
            hasLeftover = true
            try cutLeftover()
            throw error
        }
        index?.note(header, after: summary)
        summary.note(header)
    }

    private func cutLeftover() throws(StorageError) {
        try file.truncate(to: size)
        hasLeftover = false
    }

    /// A checkpoint vouches for the bytes before a position, and nobody has read them.
    func leaveUnchecked(before position: Int) { unchecked = RangeSet(0..<position) }

    /// The bytes were read, and are sound or known to be damaged.
    func noteChecked(_ bytes: Range<Int>) { unchecked.remove(contentsOf: bytes) }

    /// Takes over what a walk through the file found.
    func adopt(_ summary: SegmentSummary, _ index: SparseIndex) {
        self.summary = summary
        self.index = index
    }

    /// From now on the checkpoint on disk is looked into.
    func seal(_ summary: SegmentSummary) {
        self.summary = summary
        index = nil
    }

    /// The checkpoint on disk; throws `CheckpointFile.Unusable` when there is none that fits.
    func checkpoint() throws -> CheckpointFile {
        let found = try CheckpointFile(segment: file, directory: directory, baseOffset: baseOffset)
        guard let found, found.head.summary.size == size else { throw CheckpointFile.Unusable() }
        return found
    }

    /// A position at or before the batch that holds an offset.
    func position(before offset: Int64) throws -> Int {
        try position { $0.baseOffset > offset }
    }

    /// A position at or before the first batch with a timestamp of at least the one given.
    func position(beforeTimestamp timestamp: Int64) throws -> Int {
        try position { $0.earlierMaxTimestamp >= timestamp }
    }

    /// Where a batch begins that is at or before the last one of those that begin before an offset and not after a
    /// position.
    func position(before offset: Int64, notAfter position: Int) throws -> Int {
        try self.position { $0.baseOffset >= offset || $0.position > position }
    }

    private func position(before isAfter: (SparseIndex.Entry) -> Bool) throws -> Int {
        try checkedPosition(index.map { $0.entry(before: isAfter) } ?? checkpoint().entry(before: isAfter))
    }

    private func checkedPosition(_ entry: SparseIndex.Entry?) throws -> Int {
        guard let entry else { return 0 }
        guard index == nil || unchecked.contains(entry.position) else { return entry.position }
        guard (0..<size).contains(entry.position),
            let header = RecordBatchHeader(
                try file.read(at: entry.position, count: RecordBatchHeader.size), at: 0),
            header.baseOffset == entry.baseOffset
        else {
            if index == nil { throw CheckpointFile.Unusable() }
            throw UnsoundSegment(path: file.path)
        }
        return entry.position
    }
}
