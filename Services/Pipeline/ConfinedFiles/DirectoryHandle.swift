// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open directory, closed with its last owner. Names are single names in it: nothing here follows a link.
final class DirectoryHandle: Sendable {
    let number: CInt

    /// - Parameter number: an open directory, which is this handle's from now on.
    private init(owning number: CInt) { self.number = number }

    deinit { _ = close(number) }

    /// Opens a directory by a path that is trusted.
    static func open(trusted path: String) throws -> DirectoryHandle {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw FileFailure("open the directory", path) }
        return DirectoryHandle(owning: number)
    }

    /// - Returns: nil, with `errno`, for what is no directory.
    func directory(_ name: String) -> DirectoryHandle? {
        let found = openat(number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        return found < 0 ? nil : DirectoryHandle(owning: found)
    }

    /// - Returns: nil, with `errno`, when nothing is there or it cannot be looked at.
    func kind(_ name: String) -> FileKind? {
        var status = stat()
        return fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? FileKind(status) : nil
    }

    /// - Returns: what a symbolic link holds; nil for anything else.
    func target(_ name: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlinkat(number, name, start, buffer.count - 1)
            guard count >= 0 else { return nil }
            buffer[count] = 0
            return String(cString: start)
        }
    }

    /// The names in it, sorted.
    /// - Parameter path: what errors call it.
    func names(_ path: String) throws -> [String] {
        // A descriptor of its own: where a listing stands is shared by all copies of a descriptor.
        let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw FileFailure("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            guard let name else { throw FileFailure("read a name that is not UTF-8 in", path, code: EILSEQ) }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileFailure("list", path) }
        return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    /// Removes whatever has a name, with all that is in it; links are removed, not followed.
    /// - Parameter path: what errors call it.
    func remove(_ name: String, _ path: String) throws {
        if unlinkat(number, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM, let inner = directory(name) else {
            throw FileFailure("remove", path)
        }
        for entry in try inner.names(path) { try inner.remove(entry, "\(path)/\(entry)") }
        guard unlinkat(number, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw FileFailure("remove", path) }
    }
}
