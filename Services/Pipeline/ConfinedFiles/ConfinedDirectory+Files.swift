// SPDX-License-Identifier: Apache-2.0

package import Glibc

extension ConfinedDirectory {
    /// Opens a regular file for as long as `body` runs.
    /// - Throws: ``FileFailure`` for what is not there or is something else.
    package func withFile<Value>(_ path: String, _ body: (CInt) throws -> Value) throws -> Value {
        let shown = "\(self.path)/\(path)"
        guard let place = try place(path, .follow) else { throw FileFailure("open", shown, code: ENOENT) }
        guard !place.name.isEmpty else { throw FileFailure("open", shown, code: EISDIR) }
        // Not to wait for the other end of what has just become a pipe.
        let file = openat(place.directory.number, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure("open", shown) }
        defer { _ = close(file) }
        guard case .file? = FileKind(open: file) else { throw FileFailure("read", shown, code: EINVAL) }
        return try body(file)
    }

    /// The bytes of a file.
    /// - Parameter limit: how many at most; the rest is left out.
    package func contents(_ path: String, limit: Int = .max) throws -> [UInt8] {
        try withFile(path) { file in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: min(1 << 16, limit))
            while bytes.count < limit {
                let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
                if count == 0 { break }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileFailure("read", "\(self.path)/\(path)")
                }
                bytes += buffer[..<count]
            }
            return Array(bytes.prefix(limit))
        }
    }

    /// Removes what is at a path, with all that is in it. Links are removed, not followed; on the way they are refused.
    package func remove(_ path: String) throws {
        guard let place = try place(path, .refuse) else { return }
        try place.directory.remove(place.name, "\(self.path)/\(path)")
    }

    /// Makes a directory and those above it, where they are missing.
    package func makeDirectory(_ path: String) throws {
        var made = ""
        for name in path.split(separator: "/") {
            made += made.isEmpty ? name : "/\(name)"
            guard let place = try place(made, .refuse) else { throw FileFailure("make", "\(self.path)/\(made)") }
            if mkdirat(place.directory.number, place.name, 0o755) == 0 { continue }
            guard errno == EEXIST, place.directory.kind(place.name) == .directory else {
                throw FileFailure("make the directory", "\(self.path)/\(made)", code: EEXIST)
            }
        }
    }

    /// Makes the directories that lead to a path.
    package func makeDirectory(above path: String) throws {
        if let slash = path.lastIndex(of: "/") { try makeDirectory(String(path[..<slash])) }
    }

    /// Makes a file, in place of what is there, once `fill` has written all of it.
    package func write(_ path: String, permissions: mode_t = 0o644, _ fill: (CInt) throws -> Void) throws {
        let shown = "\(self.path)/\(path)"
        guard let place = try place(path, .refuse) else { throw FileFailure("write", shown, code: ENOENT) }
        let directory = place.directory.number
        let temporary = ".relay-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let file = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileFailure("write", shown) }
        defer { _ = close(file) }
        do {
            try fill(file)
            guard fchmod(file, permissions) == 0, renameat(directory, temporary, directory, place.name) == 0 else {
                throw FileFailure("write", shown)
            }
        } catch {
            _ = unlinkat(directory, temporary, 0)
            throw error
        }
    }

    /// Makes a file of some bytes, in place of what is there.
    package func write(_ path: String, _ bytes: some Collection<UInt8>) throws {
        try write(path) { file in
            var rest = Array(bytes)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw FileFailure("write", "\(self.path)/\(path)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Makes a symbolic link where nothing is.
    package func link(_ path: String, to target: String) throws {
        guard let place = try place(path, .refuse) else {
            throw FileFailure("link", "\(self.path)/\(path)", code: ENOENT)
        }
        guard symlinkat(target, place.directory.number, place.name) == 0 else {
            throw FileFailure("link", "\(self.path)/\(path)")
        }
    }
}
