// SPDX-License-Identifier: Apache-2.0

import Digest
import Glibc

/// An artifact store in a directory, which several processes and machines may share.
///
///     objects/sha256/ab/cdef...       content, mode 0444, never changed
///     records/<kind>/ab/cdef...       a few bytes, replaced as a whole
///     incoming/                       files being written; on the same file system, so that rename is atomic
///     quarantine/<digest>-...         what was found under a digest and is something else; nothing reads it
///
/// A file appears under its final name only when it is complete and on the disk.
public struct LocalArtifactStore: ArtifactStore {
    /// Where everything is kept.
    public let directory: String

    /// A store in a directory, which is made when it is missing.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    public init(directory: String) throws(ArtifactStoreError) {
        self.directory = directory
        try makeDirectories(directory + "/incoming")
        try makeDirectories(directory + "/objects/sha256")
    }

    /// See ``ArtifactStore/put(file:)``.
    public func put(file path: String) throws(ArtifactStoreError) -> StoredArtifact {
        let source = try Descriptor(opening: path, O_RDONLY)
        return try source.lend { descriptor throws(ArtifactStoreError) in
            try put(descriptor: descriptor, name: path)
        }
    }

    /// See ``ArtifactStore/put(descriptor:name:)``.
    public func put(descriptor: CInt, name: String) throws(ArtifactStoreError) -> StoredArtifact {
        // What is hashed is the copy, so a source that changes meanwhile cannot get a false name.
        let incoming = try UnfinishedFile(in: directory)
        try incoming.copy(from: descriptor, name)
        return try keep(incoming)
    }

    /// See ``ArtifactStore/put(bytes:)``.
    public func put(bytes: [UInt8]) throws(ArtifactStoreError) -> StoredArtifact {
        let incoming = try UnfinishedFile(in: directory)
        try incoming.write(bytes)
        return try keep(incoming)
    }

    /// See ``ArtifactStore/path(for:)``.
    public func path(for digest: ContentDigest) throws(ArtifactStoreError) -> String {
        guard contains(digest) else { throw .missing(digest) }
        return objectPath(digest)
    }

    /// See ``ArtifactStore/materialise(_:at:)``.
    public func materialise(_ digest: ContentDigest, at path: String) throws(ArtifactStoreError) {
        try verify(digest)
        try link(objectPath(digest), at: path, 0o444)
    }

    /// See ``ArtifactStore/copy(_:to:name:)``.
    public func copy(_ digest: ContentDigest, to descriptor: CInt, name: String) throws(ArtifactStoreError) {
        try read(digest) { chunk throws(ArtifactStoreError) in try writeAll(chunk, to: descriptor, name) }
    }

    /// See ``ArtifactStore/contents(of:)``.
    public func contents(of digest: ContentDigest) throws(ArtifactStoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(digest) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// See ``ArtifactStore/contains(_:)``.
    public func contains(_ digest: ContentDigest) -> Bool {
        access(objectPath(digest), F_OK) == 0
    }

    /// See ``ArtifactStore/verify(_:)``.
    public func verify(_ digest: ContentDigest) throws(ArtifactStoreError) {
        try read(digest) { _ in }
    }

    /// See ``ArtifactStore/size(of:)``.
    public func size(of digest: ContentDigest) throws(ArtifactStoreError) -> Int {
        var status = stat()
        guard stat(objectPath(digest), &status) == 0 else {
            if errno == ENOENT { throw .missing(digest) }
            throw .inputOutput("look at", path: objectPath(digest), code: errno)
        }
        return Int(status.st_size)
    }

    /// See ``ArtifactStore/record(kind:key:)``.
    public func record(kind: String, key: ContentDigest) throws(ArtifactStoreError) -> [UInt8]? {
        let path = try recordPath(kind, key)
        let file: Descriptor
        do {
            file = try Descriptor(opening: path, O_RDONLY)
        } catch {
            if case .inputOutput(_, _, ENOENT) = error { return nil }
            throw error
        }
        return try file.readAll(path)
    }

    /// See ``ArtifactStore/setRecord(kind:key:_:)``.
    public func setRecord(kind: String, key: ContentDigest, _ bytes: [UInt8]) throws(ArtifactStoreError) {
        let path = try recordPath(kind, key)
        let incoming = try UnfinishedFile(in: directory)
        try incoming.write(bytes)
        try incoming.appear(at: path, mode: 0o644)
    }
}

extension LocalArtifactStore {
    func objectPath(_ digest: ContentDigest) -> String {
        "\(directory)/objects/sha256/\(Self.sharded(digest))"
    }

    private func recordPath(_ kind: String, _ key: ContentDigest) throws(ArtifactStoreError) -> String {
        let allowed = kind.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        guard allowed, !kind.isEmpty else { throw .badRecordKind(kind) }
        return "\(directory)/records/\(kind)/\(Self.sharded(key))"
    }

    private static func sharded(_ digest: ContentDigest) -> String {
        let hex = digest.hex
        return "\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    private func keep(_ incoming: borrowing UnfinishedFile) throws(ArtifactStoreError) -> StoredArtifact {
        let found = try hash(incoming.path)
        let digest = found.sha256
        // Two writers of one content may both come here: either rename leaves the same bytes.
        let isThere = try isSound(digest)
        if !isThere { try incoming.appear(at: objectPath(digest), mode: 0o444) }
        return StoredArtifact(digest: digest, bytes: found.byteCount, isNew: !isThere)
    }

    /// Whether the content is there and is what it is called. What is not is put aside.
    private func isSound(_ digest: ContentDigest) throws(ArtifactStoreError) -> Bool {
        guard contains(digest) else { return false }
        do {
            try verify(digest)
            return true
        } catch {
            guard error.isAboutContent else { throw error }
            return false
        }
    }

    /// Reads the content once, and says at the end whether it was what it is called.
    private func read(
        _ digest: ContentDigest, _ body: (ArraySlice<UInt8>) throws(ArtifactStoreError) -> Void
    ) throws(ArtifactStoreError) {
        let path = try self.path(for: digest)
        var hash = SHA256()
        try Descriptor(opening: path, O_RDONLY).lend { descriptor throws(ArtifactStoreError) in
            try forEachChunk(of: descriptor, path) { chunk throws(ArtifactStoreError) in
                hash.update(chunk)
                try body(chunk)
            }
        }
        let found = hash.finalize()
        guard found == digest else { throw try putAside(digest, found) }
    }

    /// Takes an altered object out of reach and keeps it, for whoever wants to know what happened.
    private func putAside(
        _ digest: ContentDigest, _ found: ContentDigest
    ) throws(ArtifactStoreError) -> ArtifactStoreError {
        let path = objectPath(digest)
        let aside = "\(directory)/quarantine/\(digest.hex)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        // A reader of the store may have no right to change it.
        guard (try? makeDirectories(parent(of: aside))) != nil, rename(path, aside) == 0 else {
            return .corrupt(expected: digest, found: found, path: path, putAside: nil)
        }
        // Somebody else may have stored it again after it was read here; then what was moved is that.
        if try hash(aside).sha256 == digest, Glibc.link(aside, path) == 0 || errno == EEXIST {
            _ = unlink(aside)
            return .inputOutput("read", path: path, code: ESTALE)
        }
        return .corrupt(expected: digest, found: found, path: path, putAside: aside)
    }

    /// A hard link shares the storage; across file systems, or where links are refused, it is a copy.
    private func link(_ object: String, at path: String, _ mode: mode_t) throws(ArtifactStoreError) {
        try makeDirectories(parent(of: path))
        let temporary = "\(path).\(UnfinishedFile.uniqueSuffix())"
        if Glibc.link(object, temporary) == 0 {
            defer { _ = unlink(temporary) }
            guard rename(temporary, path) == 0 else { throw .inputOutput("rename to", path: path, code: errno) }
            return
        }
        guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) else {
            throw .inputOutput("link to", path: path, code: errno)
        }
        let incoming = try UnfinishedFile(besides: path)
        try Descriptor(opening: object, O_RDONLY).lend { source throws(ArtifactStoreError) in
            try incoming.copy(from: source, object)
        }
        try incoming.appear(at: path, mode: mode)
    }
}

private func hash(_ path: String) throws(ArtifactStoreError) -> FileDigest {
    do {
        return try FileDigest(path: path)
    } catch {
        throw .inputOutput("read", path: error.path, code: error.code)
    }
}
