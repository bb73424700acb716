// SPDX-License-Identifier: Apache-2.0

/// Finds out what a partition's directory holds, reading as little as the checkpoints in it allow.
struct LogRecovery {
    let directory: String
    let now: Int64
    /// Told what was not as expected, and what was done about it.
    let report: (String) -> Void

    /// What was found to be damaged.
    private let findings = Findings()

    private final class Findings { var damage: [DamagedRange] = [] }

    var damage: [DamagedRange] { findings.damage.sorted { $0.offsets.lowerBound < $1.offsets.lowerBound } }

    init(directory: String, now: Int64, report: @escaping (String) -> Void) {
        self.directory = directory
        self.now = now
        self.report = report
    }

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
        try lookAgain(found.segments)
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
            findings.damage = []
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
            let isLast = number == found.segments.count - 1
            try scan.run(
                segment.file, endOffset: isLast ? nil : found.segments[number + 1].baseOffset, now: now)
            try cut(segment, scan)
            segment.adopt(scan.summary, scan.index)
            segment.leaveUnchecked(before: known)
            found.ledger = scan.ledger
            findings.damage += scan.damage
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
            segment.leaveUnchecked(before: summary.size)
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

    /// What is torn off the end of the last segment was never acknowledged; it is kept all the same.
    private func cut(_ segment: Segment, _ scan: SegmentScan) throws {
        guard scan.leftover > 0 else { return }
        let bytes = scan.summary.size..<(scan.summary.size + scan.leftover)
        let kept = try SetAside(directory: directory).keep(bytes, of: segment.file, now: now)
        report(
            "\(scan.leftover) bytes after the last whole batch are cut off \(segment.file.path), at offset "
                + "\(scan.summary.endOffset); " + (kept.map { "they are kept in \($0)" } ?? "all of them were zero"))
        try segment.file.truncate(to: scan.summary.size)
    }

    /// Reads again the segments that were found to be damaged before, and are not read for another reason.
    private func lookAgain(_ segments: [Segment]) throws {
        for segment in segments where DamageNote.isThere(for: segment) {
            guard !findings.damage.contains(where: { $0.path == segment.file.path }) else { continue }
            try examine(segment)
        }
        for segment in segments { note(damageOf: segment) }
    }

    /// Reads a whole segment, and finds out what of it is damaged.
    func examine(_ segment: Segment) throws {
        var scan = SegmentScan(baseOffset: segment.baseOffset, ledger: ProducerLedger())
        try scan.run(segment.file, size: segment.size, endOffset: segment.endOffset, now: now)
        segment.noteChecked(0..<segment.size)
        findings.damage += scan.damage
        note(damageOf: segment)
    }

    private func note(damageOf segment: Segment) {
        do {
            try DamageNote.set(damage.filter { $0.path == segment.file.path }, for: segment)
        } catch {
            report("What is damaged cannot be written down: \(error)")
        }
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
        try scan.run(segment.file, endOffset: segment.endOffset, now: now)
        segment.noteChecked(0..<scan.summary.size)
        findings.damage += scan.damage
        note(damageOf: segment)
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
