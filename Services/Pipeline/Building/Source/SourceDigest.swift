// SPDX-License-Identifier: Apache-2.0

import ConfinedFiles
import Digest
import Sandbox

/// The digest of a project's files: names, content and whether they are executable.
enum SourceDigest {
    /// - Parameter outputs: what the pipeline makes itself; neither that nor `dvc.lock` is source.
    static func of(_ project: ConfinedDirectory, without outputs: [String]) throws -> ContentDigest {
        var hash = SHA256()
        let entries = try entries(project, path: "", without: Set(outputs + ["dvc.lock"]))
        for entry in entries.sorted(by: { $0.path < $1.path }) {
            // NUL and line feed delimit: a name cannot hold the first, and the others are of fixed form.
            hash.update("\(entry.path)\0\(entry.content)\n".utf8)
        }
        return hash.finalize()
    }

    private struct Entry {
        let path: String
        let content: String
    }

    private static func entries(
        _ directory: ConfinedDirectory, path: String, without outputs: Set<String>
    ) throws -> [Entry] {
        var entries: [Entry] = []
        for name in try directory.names() {
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            if outputs.contains(inner) { continue }
            switch try directory.kind(name, .refuse) {
            case .directory?:
                guard let next = try directory.subdirectory(name) else { continue }
                entries += try self.entries(next, path: inner, without: outputs)
            case .link?:
                entries.append(Entry(path: inner, content: "link \(SHA256.hash(try directory.target(name) ?? ""))"))
            case let kind?:
                let mode = kind.isExecutable ? "executable" : "file"
                let digest = try directory.withFile(name) { try FileDigest(descriptor: $0, path: inner).sha256 }
                entries.append(Entry(path: inner, content: "\(mode) \(digest)"))
            case nil: continue
            }
        }
        return entries
    }
}
