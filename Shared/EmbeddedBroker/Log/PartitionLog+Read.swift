// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension PartitionLog {
    /// Batches as they are stored.
    struct Batches {
        var piece = WirePiece()
        /// One past the last offset in them.
        var endOffset: Int64 = 0
    }

    private static let smallRead = 64 << 10
    private static let checkedAtOnce = 4 << 20

    /// Whole batches from the one that holds `offset` on, ending before `limit`; empty when there is none.
    ///
    /// Not more than `maxBytes`, unless `atLeastOne` and the first batch alone is larger.
    func read(from offset: Int64, limit: Int64, maxBytes: Int, atLeastOne: Bool) throws -> Batches {
        var batches = try readSegment(from: offset, limit: limit, maxBytes: maxBytes, atLeastOne: atLeastOne)
        // A segment's end may leave little; what follows is then copied to it.
        while case .bytes(var bytes) = batches.piece, (1..<Self.smallRead).contains(bytes.readableBytes),
            bytes.readableBytes < maxBytes
        {
            let more: Batches
            do {
                more = try readSegment(
                    from: batches.endOffset, limit: limit, maxBytes: maxBytes - bytes.readableBytes, atLeastOne: false)
            } catch is DamagedOffset {
                // Who asks for it is told so; what lies before it is given.
                break
            }
            guard more.piece.count > 0 else { break }
            bytes.writeImmutableBuffer(try more.piece.read())
            batches = Batches(piece: .bytes(bytes), endOffset: more.endOffset)
        }
        return batches
    }

    private func readSegment(from offset: Int64, limit: Int64, maxBytes: Int, atLeastOne: Bool) throws -> Batches {
        var index = max(0, segments.partitioningIndex { $0.baseOffset > offset } - 1)
        while index < segments.count, offset < limit {
            let found = try lookUp(index) {
                try read($0, from: offset, limit: limit, maxBytes: maxBytes, atLeastOne: atLeastOne)
            }
            if let found { return found }
            index += 1
        }
        return Batches()
    }

    /// Nil when the segment has no batch at or after the offset.
    private func read(
        _ segment: Segment, from offset: Int64, limit: Int64, maxBytes: Int, atLeastOne: Bool
    ) throws -> Batches? {
        guard segment.endOffset > offset else { return nil }
        let start = try locate(
            in: segment, from: try segment.position(before: offset), where: { $0.lastOffset >= offset })
        // Finding the place is what may have found the damage.
        if let range = damage.first(where: { $0.path == segment.file.path && $0.offsets.contains(offset) }) {
            throw DamagedOffset(range: range)
        }
        guard let start else { return nil }
        guard start.header.baseOffset < limit else { return Batches() }
        let first = start.header.totalSize
        guard first <= maxBytes || atLeastOne else { return Batches() }
        let count =
            try soundEnd(
                in: segment, from: start.position, to: min(start.position + max(maxBytes, first), segment.size))
            - start.position
        guard count < Self.smallRead else {
            return try wholeBatches(in: segment, from: start.position, to: start.position + count, limit: limit)
        }
        var batches = try segment.file.read(at: start.position, count: count)
        var found = Batches()
        var end = 0
        while let header = RecordBatchHeader(batches, at: end), header.baseOffset < limit,
            end + header.totalSize <= batches.readableBytes
        {
            end += header.totalSize
            found.endOffset = header.lastOffset + 1
        }
        found.piece = .bytes(batches.readSlice(length: end) ?? ByteBuffer())
        return found
    }

    /// The whole batches between two positions that begin before an offset, without reading all of them.
    private func wholeBatches(in segment: Segment, from start: Int, to end: Int, limit: Int64) throws -> Batches {
        var (position, endOffset) = (segment.size, segment.endOffset)
        if end < segment.size || limit < segment.endOffset {
            position = max(start, try segment.position(before: limit, notAfter: end))
            _ = try locate(in: segment, from: position) { header in
                endOffset = header.baseOffset
                guard header.baseOffset < limit, position + header.totalSize <= end else { return true }
                position += header.totalSize
                endOffset = header.lastOffset + 1
                return false
            }
        }
        let range = FileRange(file: segment.file, position: start, count: position - start)
        let piece = range.count < Self.smallRead ? WirePiece.bytes(try range.read()) : .stored(range)
        return Batches(piece: piece, endOffset: endOffset)
    }

    /// The first sound batch at or after a position that satisfies a condition.
    private func locate(
        in segment: Segment, from position: Int, where matches: (RecordBatchHeader) -> Bool
    ) throws -> (position: Int, header: RecordBatchHeader)? {
        var position = position
        var chunk = ByteBuffer()
        var chunkStart = position
        while position < segment.size {
            if let range = damage(in: segment, at: position) {
                position = range.bytes.upperBound
                continue
            }
            if position < chunkStart || chunk.readableBytes < position - chunkStart + RecordBatchHeader.size {
                let count = min(8192, segment.size - position)
                try segment.check(from: position, to: position + count, pastDamage: damage)
                (chunk, chunkStart) = (try segment.file.read(at: position, count: count), position)
            }
            guard let header = RecordBatchHeader(chunk, at: position - chunkStart) else { return nil }
            if matches(header) { return (position, header) }
            position += header.totalSize
        }
        return nil
    }

    private func damage(in segment: Segment, at position: Int) -> DamagedRange? {
        damage.isEmpty ? nil : damage.first { $0.path == segment.file.path && $0.bytes.lowerBound == position }
    }

    /// Where what may be read of a segment at once ends, from a sound batch on: at damage, and not much behind what has
    /// been checked before, so that no reader waits long for another's check.
    private func soundEnd(in segment: Segment, from start: Int, to end: Int) throws -> Int {
        let next = damage.first { $0.path == segment.file.path && $0.bytes.lowerBound > start }
        let end = min(end, next?.bytes.lowerBound ?? end)
        guard segment.hasUnchecked(in: start..<end) else { return end }
        return min(end, try segment.check(from: start, to: min(end, start + Self.checkedAtOnce), pastDamage: damage))
    }

    /// The first record before `limit` whose timestamp is at least the one given, in milliseconds.
    ///
    /// In a batch that cannot be opened the answer is its first record, which may be earlier.
    func firstRecord(atOrAfter timestamp: Int64, limit: Int64) throws -> (offset: Int64, timestamp: Int64)? {
        for number in segments.indices {
            let segment = segments[number]
            guard segment.maxTimestamp >= timestamp, segment.endOffset > logStartOffset else { continue }
            let found = try lookUp(number) { try firstRecord(in: $0, atOrAfter: timestamp) }
            guard let found else { continue }
            return found.offset < limit ? found : nil
        }
        return nil
    }

    /// The record with the largest timestamp before `limit`.
    func latestRecord(limit: Int64) throws -> (offset: Int64, timestamp: Int64)? {
        guard let newest = segments.map(\.maxTimestamp).max(), newest >= 0 else { return nil }
        return try firstRecord(atOrAfter: newest, limit: limit)
    }

    private func firstRecord(
        in segment: Segment, atOrAfter timestamp: Int64
    ) throws -> (offset: Int64, timestamp: Int64)? {
        var position = try segment.position(beforeTimestamp: timestamp)
        while true {
            let batch = try locate(in: segment, from: position) {
                $0.maxTimestamp >= timestamp && !$0.isControl && $0.lastOffset >= logStartOffset && $0.recordCount > 0
            }
            guard let batch else { return nil }
            let bytes = try segment.file.read(at: batch.position, count: batch.header.totalSize)
            if let found = firstRecord(in: bytes, batch.header, atOrAfter: timestamp) { return found }
            position = batch.position + batch.header.totalSize
        }
    }

    /// Nil when the records that are late enough lie before the log's start.
    private func firstRecord(
        in batch: ByteBuffer, _ header: RecordBatchHeader, atOrAfter timestamp: Int64
    ) -> (offset: Int64, timestamp: Int64)? {
        guard case .records(var body) = RecordBatchBody.open(batch, header) else {
            return (max(header.baseOffset, logStartOffset), max(header.baseTimestamp, timestamp))
        }
        while let record = RecordView.next(in: &body) {
            let offset = header.baseOffset &+ Int64(record.offsetDelta)
            let recordTimestamp = header.baseTimestamp &+ record.timestampDelta
            if recordTimestamp >= timestamp, offset >= logStartOffset { return (offset, recordTimestamp) }
        }
        return nil
    }
}
