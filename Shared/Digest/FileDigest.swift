// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The hashes of one file, taken in one pass.
public struct FileDigest: Hashable, Sendable {
    /// The SHA-256 of the content.
    public let sha256: ContentDigest
    /// The MD5 of the content, 32 hexadecimal digits, when it was asked for.
    public let md5: String?
    /// How many bytes were read.
    public let byteCount: Int

    /// Reads a file to its end, 1 MiB at a time.
    ///
    /// It blocks in `read`: call it from a thread that may wait for a disk.
    /// - Throws: ``FileReadError``.
    public init(path: String, includingMD5: Bool = false) throws(FileReadError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReadError(path: path, code: errno) }
        defer { close(descriptor) }
        try self.init(descriptor: descriptor, path: path, includingMD5: includingMD5)
    }

    /// Reads an open file from where it stands to its end.
    /// - Parameter path: what the error names.
    /// - Throws: ``FileReadError``.
    public init(descriptor: CInt, path: String, includingMD5: Bool = false) throws(FileReadError) {
        var sha256 = SHA256()
        var md5 = MD5()
        var total = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileReadError(path: path, code: errno)
            }
            let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            sha256.update(chunk)
            if includingMD5 { md5.update(chunk) }
            total += count
        }
        self.sha256 = sha256.finalize()
        self.md5 = includingMD5 ? md5.finalize() : nil
        byteCount = total
    }
}

/// A file that could not be opened or read.
public struct FileReadError: Error, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The system's `errno`.
    public let code: CInt

    init(path: String, code: CInt) {
        self.path = path
        self.code = code
    }

    /// One sentence for people.
    public var description: String { "cannot read \(path): \(String(cString: strerror(code)))" }
}
