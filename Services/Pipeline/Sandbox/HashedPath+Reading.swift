// SPDX-License-Identifier: Apache-2.0

import Baton
package import ConfinedFiles
package import DVC
import Digest

extension HashedPath {
    /// Hashes what is at a path. Blocks.
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - isOutput: whether it must be such that it can be put back as it is.
    /// - Throws: `Refusal` when nothing is there or it is nothing that can be hashed.
    package init(_ path: String, in project: ConfinedDirectory, name: String, isOutput: Bool = false) throws {
        if isOutput, let target = try project.target(path) {
            throw Refusal(
                "\(name) is a symbolic link to \(target), which cannot be kept: have the stage write the file itself")
        }
        switch try project.kind(path) {
        case nil: throw Refusal("\(name) does not exist")
        case .other?, .link?: throw Refusal("\(name) is neither a file nor a directory")
        case .file?: self.init(file: try Self.hash(path, in: project, as: ""))
        case .directory?:
            guard let directory = try project.subdirectory(path) else { throw Refusal("\(name) does not exist") }
            var reader = DirectoryReader(root: directory, name: name, isOutput: isOutput)
            try reader.read(directory, below: "")
            self.init(files: reader.files, bare: reader.bare)
        }
    }

    fileprivate static func hash(
        _ path: String, in project: ConfinedDirectory, as name: String, link: String? = nil
    ) throws -> File {
        try project.withFile(path) { file in
            let hashed = try FileDigest(descriptor: file, path: "\(project.path)/\(path)", includingMD5: true)
            return File(
                path: name, digest: hashed.sha256, md5: hashed.md5 ?? "", bytes: hashed.byteCount,
                isExecutable: FileKind(open: file)?.isExecutable == true, link: link)
        }
    }
}

/// Reads a directory with all that is in it.
private struct DirectoryReader {
    let root: ConfinedDirectory
    /// What messages call it.
    let name: String
    let isOutput: Bool
    var files: [HashedPath.File] = []
    var bare: [HashedPath.Bare] = []

    mutating func read(_ directory: ConfinedDirectory, below path: String) throws {
        let names = try directory.names()
        if names.isEmpty && !path.isEmpty { bare.append(.init(path: path)) }
        for entry in names {
            let inner = path.isEmpty ? entry : "\(path)/\(entry)"
            switch try directory.kind(entry, .refuse) {
            case .file?: files.append(try HashedPath.hash(entry, in: directory, as: inner))
            case .directory?:
                guard let next = try directory.subdirectory(entry) else { continue }
                try read(next, below: inner)
            case .link?: try readLink(entry, in: directory, inner)
            case .other?: throw Refusal("\(name) holds \(inner), which is neither a file nor a directory")
            case nil: throw Refusal("\(name) changes while it is read: \(inner) is gone")
            }
        }
    }

    /// A link within the directory is kept as it is; of one that leads out of it only a file's content can be.
    private mutating func readLink(_ entry: String, in directory: ConfinedDirectory, _ inner: String) throws {
        guard let target = try directory.target(entry) else {
            throw Refusal("\(name) changes while it is read: \(inner) is no link any more")
        }
        do {
            let kind = try root.alone.kind(inner)
            if case .file? = kind {
                files.append(try HashedPath.hash(entry, in: directory, as: inner, link: target))
            } else {
                bare.append(.init(path: inner, link: target))
            }
            return
        } catch is Refusal where isOutput {
            throw Refusal(
                "\(name) holds a symbolic link that leads out of it, \(inner) to \(target), which cannot be kept: have "
                    + "the stage write the file itself")
        } catch is Refusal {}
        let kind: FileKind?
        do {
            kind = try directory.kind(entry)
        } catch is Refusal {
            throw Refusal("\(name) holds a symbolic link that leads out of the project, \(inner) to \(target)")
        }
        switch kind {
        case .file?: files.append(try HashedPath.hash(entry, in: directory, as: inner))
        case .directory?: throw Refusal("\(name) holds a symbolic link to a directory, \(inner)")
        case nil: throw Refusal("\(name) holds a symbolic link to nothing, \(inner)")
        case .other?, .link?: throw Refusal("\(name) holds \(inner), which is neither a file nor a directory")
        }
    }
}
