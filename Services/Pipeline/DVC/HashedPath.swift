// SPDX-License-Identifier: Apache-2.0

import Baton
package import Digest
import YAML

/// A file or directory as it was when it was hashed.
package struct HashedPath: Codable, Hashable, Sendable {
    /// One file of a directory.
    package struct File: Codable, Hashable, Sendable {
        /// Relative to the directory.
        package let path: String
        /// Of the content.
        package let digest: ContentDigest
        /// Of the content, as DVC writes it.
        package let md5: String
        /// The content's length.
        package let bytes: Int
        /// Whether its owner may execute it.
        package let isExecutable: Bool
        /// What the symbolic link holds by which the content is found; nil for a file.
        package var link: String?

        /// A file whose content was hashed.
        package init(
            path: String, digest: ContentDigest, md5: String, bytes: Int, isExecutable: Bool, link: String? = nil
        ) {
            (self.path, self.digest, self.md5, self.bytes) = (path, digest, md5, bytes)
            (self.isExecutable, self.link) = (isExecutable, link)
        }
    }

    /// An entry of a directory without content: an empty directory, or a symbolic link that leads to no file.
    package struct Bare: Codable, Hashable, Sendable {
        /// Relative to the directory.
        package let path: String
        /// What the link holds; nil for a directory.
        package var link: String?

        /// An empty directory, or the link that is given.
        package init(path: String, link: String? = nil) {
            (self.path, self.link) = (path, link)
        }
    }

    /// What a directory's digest is taken of.
    private struct Listing: Codable {
        let files: [File]
        let bare: [Bare]
    }

    /// Of a file's content; of a directory, of its list of files.
    package let digest: ContentDigest
    /// As DVC writes it: for a directory it ends in `.dir`.
    package let md5: String
    /// The length of the content; of a directory, of all that is in it.
    package let bytes: Int
    /// Whether it is a file that its owner may execute.
    package let isExecutable: Bool
    /// The files of a directory by name; nil for a file.
    package let files: [File]?
    /// The rest of a directory by name; nil where there is none.
    package let bare: [Bare]?

    /// A file by itself.
    package init(file: File) {
        digest = file.digest
        md5 = file.md5
        bytes = file.bytes
        isExecutable = file.isExecutable
        files = nil
        bare = nil
    }

    /// A directory, by all that is in it.
    package init(files: [File], bare: [Bare]) {
        let files = files.sorted { $0.path.unicodeScalars.lexicographicallyPrecedes($1.path.unicodeScalars) }
        let bare = bare.sorted { $0.path.unicodeScalars.lexicographicallyPrecedes($1.path.unicodeScalars) }
        self.files = files
        self.bare = bare.isEmpty ? nil : bare
        let entries = files.map {
            "{\"md5\": \(JSONText.quoted($0.md5)), \"relpath\": \(JSONText.quoted($0.path))}"
        }
        md5 = MD5.hash("[\(entries.joined(separator: ", "))]".utf8) + ".dir"
        digest = SHA256.hash(Self.listing(files, bare))
        bytes = files.reduce(0) { $0 + $1.bytes }
        isExecutable = false
    }

    /// What the digest of a directory is the digest of; nil for a file.
    package var listing: [UInt8]? { files.map { Self.listing($0, bare ?? []) } }

    private static func listing(_ files: [File], _ bare: [Bare]) -> [UInt8] {
        bare.isEmpty ? JSON.encode(files) : JSON.encode(Listing(files: files, bare: bare))
    }

    /// The files that hold the content: itself, under an empty path, or those of the directory.
    package var contents: [File] {
        files ?? [File(path: "", digest: digest, md5: md5, bytes: bytes, isExecutable: isExecutable)]
    }

    /// Everything of it that is in a store: the content, and for a directory the list of its files.
    package var stored: [ContentDigest] { contents.map(\.digest) + (files == nil ? [] : [digest]) }
}
