// SPDX-License-Identifier: Apache-2.0

import Digest

/// Files found by the hash of their content, and small records found by a digest.
///
/// Every call may wait for a disk: make them from a thread that may block.
public protocol ArtifactStore: Sendable {
    /// Stores a copy of a file's content. Storing what is there already costs no space, and mends
    /// an object that was damaged.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    func put(file path: String) throws(ArtifactStoreError) -> StoredArtifact

    /// Stores bytes.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    func put(bytes: [UInt8]) throws(ArtifactStoreError) -> StoredArtifact

    /// A path at which the content can be read, and must not be written.
    /// - Throws: ``ArtifactStoreError/missing(_:)``.
    func path(for digest: ContentDigest) throws(ArtifactStoreError) -> String

    /// Makes a file with the content at `path`, replacing what is there, sharing the storage where the system can.
    ///
    /// The content is hashed on the way, so what appears at `path` is what the digest says.
    /// - Parameter writable: whether the file is one's own copy to change; otherwise its mode is 0444.
    /// - Throws: ``ArtifactStoreError`` of any kind.
    func materialise(
        _ digest: ContentDigest, at path: String, writable: Bool, executable: Bool
    ) throws(ArtifactStoreError)

    /// Whether the content is there. It may be damaged: see ``verify(_:)``.
    func contains(_ digest: ContentDigest) -> Bool

    /// Reads the content again and compares its hash.
    /// - Throws: ``ArtifactStoreError/missing(_:)`` or ``ArtifactStoreError/corrupt(expected:found:path:)``.
    func verify(_ digest: ContentDigest) throws(ArtifactStoreError)

    /// The size of the content in bytes.
    /// - Throws: ``ArtifactStoreError/missing(_:)``.
    func size(of digest: ContentDigest) throws(ArtifactStoreError) -> Int

    /// What was last recorded under a key, or nil.
    /// - Parameter kind: a name space of records, in lower-case letters, digits and hyphens.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)`` or ``ArtifactStoreError/badRecordKind(_:)``.
    func record(kind: String, key: ContentDigest) throws(ArtifactStoreError) -> [UInt8]?

    /// Records a few bytes under a key; a reader sees the old ones or the new ones, never a mixture.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)`` or ``ArtifactStoreError/badRecordKind(_:)``.
    func setRecord(kind: String, key: ContentDigest, _ bytes: [UInt8]) throws(ArtifactStoreError)
}

extension ArtifactStore {
    /// Makes a read-only file with the content at `path`.
    public func materialise(_ digest: ContentDigest, at path: String) throws(ArtifactStoreError) {
        try materialise(digest, at: path, writable: false, executable: false)
    }
}

/// What a store did with some content.
public struct StoredArtifact: Sendable, Hashable {
    /// The hash of the content.
    public let digest: ContentDigest
    /// The size of the content.
    public let bytes: Int
    /// Whether the store did not have it before, and so holds ``bytes`` more than it did.
    public let isNew: Bool

    /// A description of stored content.
    public init(digest: ContentDigest, bytes: Int, isNew: Bool) {
        self.digest = digest
        self.bytes = bytes
        self.isNew = isNew
    }
}

/// Why a store could not do what it was asked.
public enum ArtifactStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The store does not have this content.
    case missing(ContentDigest)
    /// The bytes kept under a digest are not the bytes that were stored.
    case corrupt(expected: ContentDigest, found: ContentDigest, path: String)
    /// The name of a record's kind holds something else than lower-case letters, digits and hyphens.
    case badRecordKind(String)
    /// The system refused an operation, with its `errno`.
    case inputOutput(_ operation: String, path: String, code: CInt)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .missing(let digest):
            "the artifact store does not have \(digest)"
        case .corrupt(let expected, let found, let path):
            "the artifact \(expected) was changed after it was stored: \(path) now holds \(found); "
                + "delete that file and make the artifact again"
        case .badRecordKind(let kind):
            "\"\(kind)\" cannot name a kind of record: use lower-case letters, digits and hyphens"
        case .inputOutput(let operation, let path, let code):
            "the artifact store cannot \(operation) \(path): \(systemMessage(code))"
        }
    }
}
