// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// An open file that grows at its end. The descriptor never changes, so the class can be used from any thread.
final class LogFile: Sendable {
    let path: String
    private let descriptor: CInt

    init(path: String) throws(StorageError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError("open", path) }
    }

    /// An existing file, to be read; nil when there is none.
    init?(reading path: String) throws(StorageError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 || errno != ENOENT else { return nil }
        guard descriptor >= 0 else { throw StorageError("open", path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func size() throws(StorageError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StorageError("stat", path) }
        return Int(status.st_size)
    }

    /// Writes all of the bytes at a position of the file.
    func write(_ buffer: ByteBuffer, at position: Int) throws(StorageError) {
        let failure: StorageError? = buffer.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = pwrite(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written,
                    off_t(position + written))
                if count < 0 {
                    if errno == EINTR { continue }
                    return StorageError("write", path)
                }
                written += count
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Writes two pieces one after the other, in one call when the system takes them whole.
    func write(_ head: ByteBuffer, _ rest: ByteBuffer, at position: Int) throws(StorageError) {
        let written = head.withUnsafeReadableBytes { head in
            rest.withUnsafeReadableBytes { rest in
                let pieces = [
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress), iov_len: rest.count),
                ]
                return max(0, pwritev(descriptor, pieces, CInt(pieces.count), off_t(position)))
            }
        }
        guard written < head.readableBytes + rest.readableBytes else { return }
        // What the first call left, for whatever reason, fails or succeeds here.
        var (head, rest) = (head, rest)
        let ofHead = min(written, head.readableBytes)
        head.moveReaderIndex(forwardBy: ofHead)
        rest.moveReaderIndex(forwardBy: written - ofHead)
        try write(head, at: position + ofHead)
        try write(rest, at: position + written + head.readableBytes)
    }

    /// Reads up to `count` bytes from a position; fewer only at the end of the file.
    func read(at position: Int, count: Int) throws(StorageError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var failure: StorageError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            var filled = 0
            while filled < count {
                let got = pread(
                    descriptor, bytes.baseAddress?.advanced(by: filled), count - filled, off_t(position + filled))
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = StorageError("read", path)
                    return 0
                }
                if got == 0 { break }
                filled += got
            }
            return filled
        }
        if let failure { throw failure }
        return buffer
    }

    /// A part for a channel to send. It borrows the descriptor, until it is taken back.
    func lend(_ range: Range<Int>) -> FileRegion {
        FileRegion(
            fileHandle: NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor),
            readerIndex: range.lowerBound, endIndex: range.upperBound)
    }

    /// After a part was sent, or was given up.
    func takeBack(_ region: FileRegion) {
        do { _ = try region.fileHandle.takeDescriptorOwnership() } catch { assertionFailure("\(path): \(error)") }
    }

    func truncate(to size: Int) throws(StorageError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw StorageError("truncate", path) }
    }

    /// Returns when the file's content is on the device.
    func sync() throws(StorageError) {
        guard fdatasync(descriptor) == 0 else { throw StorageError("fdatasync", path) }
    }
}
