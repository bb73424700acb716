// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// Copies a project's files, leaving behind what tools keep beside them.
enum DirectoryCopy {
    /// Left behind wherever they are.
    private static let ignoredNames: Set<String> = [".git", ".relay", ".venv", "__pycache__"]
    /// Left behind in the project's root.
    private static let ignoredPaths: Set<String> = [".dvc/cache", ".dvc/tmp"]

    /// - Throws: `Refusal` when there is no such directory or it cannot be copied.
    static func copy(_ source: String, to target: String) throws {
        guard case .directory? = FileKind.of(source) else {
            throw Refusal("there is no project directory \(source)")
        }
        do {
            try copyContents(of: source, to: target, path: "")
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("the project directory \(source) cannot be copied: \(error.localizedDescription)")
        }
    }

    private static func copyContents(of source: String, to target: String, path: String) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: source) {
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            if ignoredNames.contains(name) || ignoredPaths.contains(inner) { continue }
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            switch try files.attributesOfItem(atPath: from)[.type] as? FileAttributeType {
            case .typeDirectory?:
                try files.createDirectory(atPath: to, withIntermediateDirectories: true)
                try copyContents(of: from, to: to, path: inner)
            case .typeRegular?, .typeSymbolicLink?: try files.copyItem(atPath: from, toPath: to)
            default: throw Refusal("\(from) is neither a file, a directory nor a symbolic link")
            }
        }
    }
}
