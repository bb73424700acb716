// SPDX-License-Identifier: Apache-2.0

/// Finds out what a partition's directory holds, reading as little as the checkpoints in it allow.
struct LogRecovery {
    let directory: String
    let now: Int64
    /// Told what was not as expected, and what was done about it.
    let report: (String) -> Void

    /// What a partition's files say.
    struct Found {
        var segments: [Segment] = []
        var ledger = ProducerLedger()
        /// Checkpoints that could not be written now.
        var unwritten: [CheckpointJob] = []
        /// Bytes of the last segment that its checkpoint covers.
        var checkpointedBytes = 0
    }

    private static let worthCheckpointing = 1 << 20

    /// Recovers a log that begins at `startOffset` or later, creating it when there is none.
    func run(startOffset: Int64) throws -> Found {
        try Directory.create(directory)
        try SegmentSwap.finishInterrupted(in: directory)
        var found = Found()
        found.segments = try Directory.entries(directory).compactMap { Segment.baseOffset(fileName: $0) }.sorted()
            .map { try Segment(directory: directory, baseOffset: $0) }
        if !found.segments.isEmpty { try recover(&found) }
        if found.segments.count > 1, let last = found.segments.last, last.size == 0,
            last.baseOffset < found.segments[found.segments.count - 2].endOffset
        {
            report("\(last.file.path) was begun and not used: it is removed")
            try SegmentSwap.removeFiles(of: last)
            // What was the last but one is recovered as the last.
            return try run(startOffset: startOffset)
        }
        if let last = found.segments.last, last.endOffset < startOffset {
            report("The log ends at \(last.endOffset), before its start \(startOffset): what is left of it is removed")
            for segment in found.segments { try SegmentSwap.removeFiles(of: segment) }
            found.segments = []
        }
        if found.segments.isEmpty {
            found.segments = [try Segment(directory: directory, baseOffset: startOffset)]
            found.checkpointedBytes = 0
            try Directory.sync(directory)
        }
        return found
    }

    /// Takes the segments with a checkpoint as they are described, and walks through the others.
    private func recover(_ found: inout Found) throws {
        let first = try sealCheckpointed(found.segments)
        for number in first..<found.segments.count {
            let segment = found.segments[number]
            var scan: SegmentScan
            var wasDamaged = false
            if number == first {
                (scan, wasDamaged) = try startingScan(found.segments, number)
                found.checkpointedBytes = scan.summary.size
            } else {
                scan = SegmentScan(baseOffset: segment.baseOffset, ledger: found.ledger)
                found.checkpointedBytes = 0
            }
            let known = scan.summary.size
            try scan.run(segment.file, now: now)
            try cut(segment, scan)
            segment.adopt(scan.summary, scan.index)
            found.ledger = scan.ledger
            let isLast = number == found.segments.count - 1
            let isWorthIt = scan.summary.size - known >= Self.worthCheckpointing || wasDamaged
            guard !isLast || isWorthIt else { continue }
            let job = CheckpointJob(segment: segment, checkpoint: scan.checkpoint)
            switch job.run() {
            case .written where isLast: found.checkpointedBytes = scan.summary.size
            case .written: segment.seal(job.checkpoint.summary)
            case .notWritten(let error):
                report("No checkpoint was written: \(error)")
                if !isLast { found.unwritten.append(job) }
            case .syncFailed(let error): throw error
            }
        }
        let unsealed = found.segments.first { !$0.isSealed }?.baseOffset ?? .max
        found.ledger.forgetAborted(before: unsealed)
    }

    /// The number of the first segment that its checkpoint does not describe whole, at most the last's.
    private func sealCheckpointed(_ segments: [Segment]) throws -> Int {
        for (number, segment) in segments.dropLast().enumerated() {
            let checkpoint = try CheckpointFile(
                segment: segment.file, directory: directory, baseOffset: segment.baseOffset)
            guard let summary = checkpoint?.head.summary, summary.size == (try segment.file.size()) else {
                return number
            }
            segment.seal(summary)
        }
        return segments.count - 1
    }

    private func startingScan(
        _ segments: [Segment], _ number: Int
    ) throws -> (scan: SegmentScan, checkpointWasDamaged: Bool) {
        let segment = segments[number]
        var wasDamaged = false
        let checkpoint = try CheckpointFile(
            segment: segment.file, directory: directory, baseOffset: segment.baseOffset)
        if let checkpoint {
            do {
                return (try SegmentScan(after: checkpoint), false)
            } catch is CheckpointFile.Unusable {
                report("The checkpoint of \(segment.file.path) is damaged: the segment is read from its start")
                wasDamaged = true
            }
        }
        let ledger = try ledger(before: number, segments)
        return (SegmentScan(baseOffset: segment.baseOffset, ledger: ledger), wasDamaged)
    }

    private func cut(_ segment: Segment, _ scan: SegmentScan) throws {
        guard scan.leftover > 0 else { return }
        report("\(scan.leftover) bytes after the last whole batch are cut off \(segment.file.path)")
        try segment.file.truncate(to: scan.summary.size)
    }

    /// The producers as they were at a segment's start.
    private func ledger(before number: Int, _ segments: [Segment]) throws -> ProducerLedger {
        guard number > 0 else { return ProducerLedger() }
        do {
            return try segments[number - 1].checkpoint().ledger()
        } catch is CheckpointFile.Unusable {
            return try rebuild(segments, number - 1)
        }
    }

    /// Makes the checkpoint of a closed segment anew and returns the producers at the segment's end.
    @discardableResult
    func rebuild(_ segments: [Segment], _ number: Int) throws -> ProducerLedger {
        let segment = segments[number]
        report("The checkpoint of \(segment.file.path) is damaged or missing: it is made anew")
        var scan = SegmentScan(baseOffset: segment.baseOffset, ledger: try ledger(before: number, segments))
        try scan.run(segment.file, now: now)
        try cut(segment, scan)
        let job = CheckpointJob(segment: segment, checkpoint: scan.checkpoint)
        switch job.run() {
        case .written: segment.seal(job.checkpoint.summary)
        case .notWritten(let error), .syncFailed(let error): throw error
        }
        var ledger = scan.ledger
        ledger.forgetAborted(before: .max)
        return ledger
    }
}
