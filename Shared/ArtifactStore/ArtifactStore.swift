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

    /// Stores a copy of what an open file holds from where it stands to its end; the file stays the caller's.
    /// - Parameter name: what errors call the file.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    func put(descriptor: CInt, name: String) throws(ArtifactStoreError) -> StoredArtifact

    /// Stores bytes.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    func put(bytes: [UInt8]) throws(ArtifactStoreError) -> StoredArtifact

    /// A path at which the content can be read, and must not be written.
    /// - Throws: ``ArtifactStoreError/missing(_:)``.
    func path(for digest: ContentDigest) throws(ArtifactStoreError) -> String

    /// Makes a read-only file with the content at `path`, replacing what is there, sharing the storage where the system
    /// can. What appears at `path` is what the digest says.
    /// - Throws: ``ArtifactStoreError`` of any kind.
    func materialise(_ digest: ContentDigest, at path: String) throws(ArtifactStoreError)

    /// Writes the content into an open file of the caller's, who uses it only if this returns: the content is hashed on
    /// the way.
    /// - Parameter name: what errors call the file.
    /// - Throws: ``ArtifactStoreError`` of any kind.
    func copy(_ digest: ContentDigest, to descriptor: CInt, name: String) throws(ArtifactStoreError)

    /// The content itself, which is what the digest says.
    /// - Throws: ``ArtifactStoreError`` of any kind.
    func contents(of digest: ContentDigest) throws(ArtifactStoreError) -> [UInt8]

    /// Whether the content is there. It may be damaged: see ``verify(_:)``.
    func contains(_ digest: ContentDigest) -> Bool

    /// Reads the content again and compares its hash. Content that was altered is put aside, here as in every other
    /// call that reads it: it is never handed on, and counts as missing from then on.
    /// - Throws: ``ArtifactStoreError/missing(_:)`` or ``ArtifactStoreError/corrupt(expected:found:path:putAside:)``.
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
    /// The bytes kept under a digest were not the bytes that were stored. They are kept at `putAside`; nil where this
    /// process may not move them, and then they are still at `path`.
    case corrupt(expected: ContentDigest, found: ContentDigest, path: String, putAside: String?)
    /// The name of a record's kind holds something else than lower-case letters, digits and hyphens.
    case badRecordKind(String)
    /// The system refused an operation, with its `errno`.
    case inputOutput(_ operation: String, path: String, code: CInt)

    /// Whether it says something of the content, not of the disk that holds it.
    public var isAboutContent: Bool {
        switch self {
        case .missing, .corrupt: true
        case .badRecordKind, .inputOutput: false
        }
    }

    /// One sentence for people.
    public var description: String {
        switch self {
        case .missing(let digest):
            "the artifact store does not have \(digest)"
        case .corrupt(let expected, let found, let path, nil):
            "the artifact \(expected) was changed after it was stored: \(path) now holds \(found); "
                + "delete that file, and the next build makes the artifact again"
        case .corrupt(let expected, let found, _, let kept?):
            "the artifact \(expected) was changed after it was stored: it held \(found), and was put aside as "
                + "\(kept); the next build makes the artifact again"
        case .badRecordKind(let kind):
            "\"\(kind)\" cannot name a kind of record: use lower-case letters, digits and hyphens"
        case .inputOutput(let operation, let path, let code):
            "the artifact store cannot \(operation) \(path): \(systemMessage(code))"
        }
    }
}
