// SPDX-License-Identifier: Apache-2.0

import Baton
import ConfinedFiles
import Glibc
import Sandbox

/// Copies a project's files, leaving behind what tools keep beside them. Links are copied, not followed.
enum DirectoryCopy {
    /// Left behind wherever they are.
    private static let ignoredNames: Set<String> = [".git", ".relay", ".venv", "__pycache__"]
    /// Left behind in the project's root.
    private static let ignoredPaths: Set<String> = [".dvc/cache", ".dvc/tmp"]

    /// - Throws: `Refusal` when there is no such directory or it cannot be copied.
    static func copy(_ source: String, to target: ConfinedDirectory) throws {
        let directory: ConfinedDirectory
        do {
            directory = try ConfinedDirectory(trusted: source)
        } catch let failure as FileFailure where failure.code == ENOENT || failure.code == ENOTDIR {
            throw Refusal("there is no project directory \(source)")
        } catch {
            throw Refusal("the project directory \(source) cannot be copied: \(error)")
        }
        do {
            try copyContents(of: directory, to: target, path: "")
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("the project directory \(source) cannot be copied: \(error)")
        }
    }

    private static func copyContents(
        of source: ConfinedDirectory, to target: ConfinedDirectory, path: String
    ) throws {
        for name in try source.names() {
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            if ignoredNames.contains(name) || ignoredPaths.contains(inner) { continue }
            switch try source.kind(name, .refuse) {
            case .directory?:
                try target.makeDirectory(name)
                guard let from = try source.subdirectory(name), let to = try target.subdirectory(name) else {
                    throw Refusal("\(source.path)/\(name) changes while it is copied")
                }
                try copyContents(of: from, to: to, path: inner)
            case .file(let permissions)?:
                try source.withFile(name) { from in
                    try target.write(name, permissions: permissions) { to in
                        try copyBytes(from: from, to: to, "\(source.path)/\(name)")
                    }
                }
            case .link?:
                guard let leadsTo = try source.target(name) else {
                    throw Refusal("\(source.path)/\(name) changes while it is copied")
                }
                try target.link(name, to: leadsTo)
            case .other?:
                throw Refusal("\(source.path)/\(name) is neither a file, a directory nor a symbolic link")
            case nil: throw Refusal("\(source.path)/\(name) changes while it is copied")
            }
        }
    }

    private static func copyBytes(from source: CInt, to target: CInt, _ path: String) throws {
        while true {
            let count = sendfile(target, source, nil, 1 << 30)
            if count == 0 { return }
            guard count > 0 || errno == EINTR else { throw FileFailure("copy", path) }
        }
    }
}
