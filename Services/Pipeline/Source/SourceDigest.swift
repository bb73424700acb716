// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Foundation

/// The digest of a project's files: names, content and whether they are executable.
enum SourceDigest {
    /// - Parameter outputs: what the pipeline makes itself, which is no source; `dvc.lock` is none either.
    static func of(_ project: String, without outputs: [String]) throws -> ContentDigest {
        var hash = SHA256()
        for entry in try entries(project, path: "", without: outputs + ["dvc.lock"]).sorted(by: { $0.path < $1.path }) {
            // NUL and line feed delimit: a name cannot hold the first, and the others are of fixed form.
            hash.update("\(entry.path)\0\(entry.content)\n".utf8)
        }
        return hash.finalize()
    }

    private struct Entry {
        let path: String
        let content: String
    }

    private static func entries(_ project: String, path: String, without outputs: [String]) throws -> [Entry] {
        let files = FileManager.default
        var entries: [Entry] = []
        for name in try files.contentsOfDirectory(atPath: "\(project)/\(path)") {
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            if outputs.contains(inner) { continue }
            let full = "\(project)/\(inner)"
            switch try files.attributesOfItem(atPath: full)[.type] as? FileAttributeType {
            case .typeDirectory?: entries += try self.entries(project, path: inner, without: outputs)
            case .typeSymbolicLink?:
                let target = try files.destinationOfSymbolicLink(atPath: full)
                entries.append(Entry(path: inner, content: "link \(SHA256.hash(target))"))
            default:
                let mode = files.isExecutableFile(atPath: full) ? "executable" : "file"
                entries.append(Entry(path: inner, content: "\(mode) \(try FileDigest(path: full).sha256)"))
            }
        }
        return entries
    }
}
