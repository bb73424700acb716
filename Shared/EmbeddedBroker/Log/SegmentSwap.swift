// SPDX-License-Identifier: Apache-2.0

/// Puts a compacted segment in the place of those that it was made from, so that an end at any moment does no harm.
///
/// The new segment counts from the moment when its file is called `.log.swap`; a start finishes what was begun then,
/// and forgets what had not come so far.
struct SegmentSwap: Equatable {
    enum Step: Equatable {
        case rename(String, to: String)
        /// Takes a file's name away at once; its space is given back later, because that may take long.
        case retire(String)
        case sync(String)
    }

    static let written = ".cleaned"
    static let counting = ".swap"
    static let retired = ".deleted"

    let directory: String
    /// The first offset of the new segment and one past the last that it is in charge of.
    let range: Range<Int64>
    /// The segments that it replaces; the first has the same base offset.
    let replaced: [Int64]

    private var stem: String { "\(directory)/\(Segment.stem(range.lowerBound))-\(range.upperBound)" }

    /// Where the new segment is written.
    var logPath: String { stem + Segment.fileSuffix + Self.written }
    var indexPath: String { stem + SegmentCheckpoint.fileSuffix + Self.written }

    var steps: [Step] {
        [
            .rename(indexPath, to: stem + SegmentCheckpoint.fileSuffix + Self.counting),
            .rename(logPath, to: stem + Segment.fileSuffix + Self.counting),
            .sync(directory),
        ] + finishingSteps
    }

    private var finishingSteps: [Step] {
        var steps: [Step] = []
        for base in replaced {
            steps.append(.retire(CheckpointFile.path(directory: directory, baseOffset: base)))
            if base != range.lowerBound { steps.append(.retire(Segment.path(directory: directory, baseOffset: base))) }
        }
        return steps + [
            .rename(
                stem + Segment.fileSuffix + Self.counting,
                to: Segment.path(directory: directory, baseOffset: range.lowerBound)),
            .rename(
                stem + SegmentCheckpoint.fileSuffix + Self.counting,
                to: CheckpointFile.path(directory: directory, baseOffset: range.lowerBound)),
            .sync(directory),
        ]
    }

    static func perform(_ step: Step) throws(StorageError) {
        switch step {
        case .rename(let path, let newPath): try Directory.rename(path, to: newPath)
        case .retire(let path): try Directory.rename(ifThere: path, to: path + retired)
        case .sync(let path): try Directory.sync(path)
        }
    }

    /// Takes a segment's files out of use.
    static func retireFiles(of segment: Segment) throws(StorageError) {
        try perform(.retire(segment.file.path))
        try DamageNote.set([], for: segment)
        try perform(.retire(CheckpointFile.path(directory: segment.directory, baseOffset: segment.baseOffset)))
    }

    static func removeFiles(of segment: Segment) throws(StorageError) {
        try Directory.remove(segment.file.path)
        try DamageNote.set([], for: segment)
        try Directory.remove(CheckpointFile.path(directory: segment.directory, baseOffset: segment.baseOffset))
    }

    /// Gives back the space of files that are out of use.
    static func removeRetired(in directory: String) throws(StorageError) {
        for name in try Directory.entries(directory) where name.hasSuffix(retired) {
            try Directory.remove("\(directory)/\(name)")
        }
    }

    /// Brings every swap that counts to its end, and removes what does not count.
    static func finishInterrupted(in directory: String) throws(StorageError) {
        let names = try Directory.entries(directory)
        for name in names where name.hasSuffix(SegmentCheckpoint.fileSuffix + counting) {
            // Its log either counts, or has its final name, or was not renamed yet.
            let log = name.dropLast((SegmentCheckpoint.fileSuffix + counting).count) + Segment.fileSuffix
            guard !names.contains(log + counting), let range = range(of: name) else { continue }
            if !names.contains(log + written) {
                try Directory.rename(
                    "\(directory)/\(name)",
                    to: CheckpointFile.path(directory: directory, baseOffset: range.lowerBound))
            } else {
                try Directory.remove("\(directory)/\(name)")
            }
        }
        let bases = names.compactMap { Segment.baseOffset(fileName: $0) }.sorted()
        for name in names where name.hasSuffix(Segment.fileSuffix + counting) {
            guard let range = range(of: name) else { continue }
            let swap = SegmentSwap(
                directory: directory, range: range, replaced: bases.filter { range.contains($0) })
            for step in swap.finishingSteps {
                if case .rename(let path, let newPath) = step {
                    try Directory.rename(ifThere: path, to: newPath)
                } else {
                    try perform(step)
                }
            }
        }
        for name in try Directory.entries(directory)
        where name.hasSuffix(written) || name.hasSuffix(retired) || name.hasSuffix(Directory.unfinished) {
            try Directory.remove("\(directory)/\(name)")
        }
        try removeOrphans(in: directory)
    }

    private static func range(of name: String) -> Range<Int64>? {
        let bounds = name.prefix { $0 != "." }.split(separator: "-").compactMap { Int64($0) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
        return bounds[0]..<bounds[1]
    }

    /// Removes what describes segments that are gone.
    private static func removeOrphans(in directory: String) throws(StorageError) {
        let names = try Directory.entries(directory)
        let logs = Set(names.compactMap { Segment.baseOffset(fileName: $0) })
        for name in names {
            let base =
                Segment.baseOffset(fileName: name, suffix: SegmentCheckpoint.fileSuffix)
                ?? Segment.baseOffset(fileName: name, suffix: DamageNote.fileSuffix)
            guard let base, !logs.contains(base) else { continue }
            try Directory.remove("\(directory)/\(name)")
        }
    }
}
