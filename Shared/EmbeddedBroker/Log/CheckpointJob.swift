// SPDX-License-Identifier: Apache-2.0

/// A checkpoint to be written, on any thread.
struct CheckpointJob: Sendable {
    /// What became of a checkpoint.
    enum Outcome: Sendable {
        case written
        /// It can be written later.
        case notWritten(StorageError)
        /// What the device holds of the segment is not known any more.
        case syncFailed(StorageError)
    }

    let checkpoint: SegmentCheckpoint
    private let file: LogFile
    private let path: String

    init(segment: Segment, checkpoint: SegmentCheckpoint) {
        self.checkpoint = checkpoint
        file = segment.file
        path = CheckpointFile.path(directory: segment.directory, baseOffset: segment.baseOffset)
    }

    /// Whether it is the last one of its segment.
    func describes(_ segment: Segment) -> Bool {
        segment.baseOffset == checkpoint.summary.baseOffset && segment.size == checkpoint.summary.size
    }

    /// The segment is synced first: what a checkpoint covers is not read again at a start.
    func run() -> Outcome {
        do {
            try file.sync()
        } catch {
            return .syncFailed(error)
        }
        do {
            try CheckpointFile.write(checkpoint, to: path)
        } catch {
            return .notWritten(error)
        }
        return .written
    }

    /// Takes the checkpoint back when its segment went meanwhile.
    func discard() throws(StorageError) { try Directory.remove(path) }
}
