// SPDX-License-Identifier: Apache-2.0

import Digest
import Glibc

/// An artifact store in a directory, which several processes and machines may share.
///
///     objects/sha256/ab/cdef...       content, mode 0444, never changed
///     records/<kind>/ab/cdef...       a few bytes, replaced as a whole
///     incoming/                       files being written; on the same file system, so that rename is atomic
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
        // What is hashed is the copy, so a source that changes meanwhile cannot get a false name.
        let incoming = try Incoming(in: directory)
        try incoming.copy(from: source, path)
        return try keep(incoming)
    }

    /// See ``ArtifactStore/put(bytes:)``.
    public func put(bytes: [UInt8]) throws(ArtifactStoreError) -> StoredArtifact {
        let incoming = try Incoming(in: directory)
        try incoming.write(bytes)
        return try keep(incoming)
    }

    /// See ``ArtifactStore/path(for:)``.
    public func path(for digest: ContentDigest) throws(ArtifactStoreError) -> String {
        guard contains(digest) else { throw .missing(digest) }
        return objectPath(digest)
    }

    /// See ``ArtifactStore/materialise(_:at:writable:executable:)``.
    public func materialise(
        _ digest: ContentDigest, at path: String, writable: Bool, executable: Bool
    ) throws(ArtifactStoreError) {
        let object = try self.path(for: digest)
        let mode: mode_t = (writable ? 0o644 : 0o444) | (executable ? 0o111 : 0)
        guard writable || executable else {
            try verify(digest)
            try link(object, at: path, mode)
            return
        }
        try copyVerified(digest, object, at: path, mode)
    }

    /// See ``ArtifactStore/contains(_:)``.
    public func contains(_ digest: ContentDigest) -> Bool {
        access(objectPath(digest), F_OK) == 0
    }

    /// See ``ArtifactStore/verify(_:)``.
    public func verify(_ digest: ContentDigest) throws(ArtifactStoreError) {
        let path = try self.path(for: digest)
        let found = try hash(path)
        guard found.sha256 == digest else {
            throw .corrupt(expected: digest, found: found.sha256, path: path)
        }
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
        let incoming = try Incoming(in: directory)
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

    private func keep(_ incoming: borrowing Incoming) throws(ArtifactStoreError) -> StoredArtifact {
        let found = try hash(incoming.path)
        let digest = found.sha256
        let isNew = !contains(digest)
        // Two writers of one content may both come here: either rename leaves the same bytes. An object that was
        // damaged is replaced by what was just read.
        let isSound = isNew ? false : try hash(objectPath(digest)).sha256 == digest
        if !isSound { try incoming.appear(at: objectPath(digest), mode: 0o444) }
        return StoredArtifact(digest: digest, bytes: found.byteCount, isNew: isNew)
    }

    private func copyVerified(
        _ digest: ContentDigest, _ object: String, at path: String, _ mode: mode_t
    ) throws(ArtifactStoreError) {
        try makeDirectories(parent(of: path))
        let incoming = try Incoming(besides: path)
        try incoming.copy(from: Descriptor(opening: object, O_RDONLY), object)
        let found = try hash(incoming.path).sha256
        guard found == digest else { throw .corrupt(expected: digest, found: found, path: object) }
        try incoming.appear(at: path, mode: mode)
    }

    /// A hard link shares the storage; across file systems, or where links are refused, it is a copy.
    private func link(_ object: String, at path: String, _ mode: mode_t) throws(ArtifactStoreError) {
        try makeDirectories(parent(of: path))
        let temporary = "\(path).\(Incoming.uniqueSuffix())"
        if Glibc.link(object, temporary) == 0 {
            defer { _ = unlink(temporary) }
            guard rename(temporary, path) == 0 else { throw .inputOutput("rename to", path: path, code: errno) }
            return
        }
        guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) else {
            throw .inputOutput("link to", path: path, code: errno)
        }
        let incoming = try Incoming(besides: path)
        try incoming.copy(from: Descriptor(opening: object, O_RDONLY), object)
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
