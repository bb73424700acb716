// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Foundation

/// A file or directory as it was when it was hashed.
struct HashedPath: Codable, Hashable, Sendable {
    /// One file of a directory.
    struct File: Codable, Hashable, Sendable {
        /// Relative to the directory.
        let path: String
        let digest: ContentDigest
        let md5: String
        let bytes: Int
        let isExecutable: Bool
    }

    /// Of a file's content; of a directory, of its list of files.
    let digest: ContentDigest
    /// As DVC writes it: for a directory it ends in `.dir`.
    let md5: String
    let bytes: Int
    let isExecutable: Bool
    /// The files of a directory by name; nil for a file.
    let files: [File]?

    /// Hashes what is at a path, for which it waits.
    /// - Parameter name: what messages call it.
    /// - Throws: `Refusal` when nothing is there or it is nothing that can be hashed.
    init(path: String, name: String) throws {
        switch FileKind.of(path) {
        case nil: throw Refusal("\(name) does not exist")
        case .other?: throw Refusal("\(name) is neither a file nor a directory")
        case .file(let isExecutable)?:
            let file = try Self.hash(path, as: "", isExecutable: isExecutable)
            self.init(file: file)
        case .directory?:
            self.init(files: try Self.files(in: path, name: name, below: ""))
        }
    }

    private init(file: File) {
        digest = file.digest
        md5 = file.md5
        bytes = file.bytes
        isExecutable = file.isExecutable
        files = nil
    }

    private init(files: [File]) {
        let files = files.sorted { $0.path.unicodeScalars.lexicographicallyPrecedes($1.path.unicodeScalars) }
        self.files = files
        let entries = files.map {
            "{\"md5\": \(JSONText.quoted($0.md5)), \"relpath\": \(JSONText.quoted($0.path))}"
        }
        md5 = MD5.hash("[\(entries.joined(separator: ", "))]".utf8) + ".dir"
        digest = SHA256.hash(JSON.encode(files))
        bytes = files.reduce(0) { $0 + $1.bytes }
        isExecutable = false
    }

    private static func files(in directory: String, name: String, below path: String) throws -> [File] {
        var found: [File] = []
        for entry in try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(path)") {
            let inner = path.isEmpty ? entry : "\(path)/\(entry)"
            let full = "\(directory)/\(inner)"
            switch FileKind.of(full) {
            case .file(let isExecutable)?: found.append(try hash(full, as: inner, isExecutable: isExecutable))
            case .directory?:
                let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: full)) != nil
                if isLink { throw Refusal("\(name) holds a symbolic link to a directory, \(inner)") }
                found += try files(in: directory, name: name, below: inner)
            case .other?: throw Refusal("\(name) holds \(inner), which is neither a file nor a directory")
            case nil: throw Refusal("\(name) holds a symbolic link to nothing, \(inner)")
            }
        }
        return found
    }

    private static func hash(_ path: String, as name: String, isExecutable: Bool) throws -> File {
        let hashed = try FileDigest(path: path, includingMD5: true)
        return File(
            path: name, digest: hashed.sha256, md5: hashed.md5 ?? "", bytes: hashed.byteCount,
            isExecutable: isExecutable)
    }
}
