// SPDX-License-Identifier: Apache-2.0

import ConfinedFiles
import Sandbox

/// What Git LFS leaves in the place of a large file that was not fetched.
enum LargeFilePointer {
    private static let start = Array("version https://git-lfs.github.com/spec/".utf8)

    /// The pointers at a path: the file, or those in the directory.
    static func found(at path: String, in project: ConfinedDirectory) throws -> [String] {
        switch try project.kind(path) {
        case .file?: try project.contents(path, limit: start.count) == start ? [path] : []
        case .directory?:
            try project.names(path).flatMap { name in
                let inner = path.isEmpty ? name : "\(path)/\(name)"
                return try project.kind(inner, .refuse) == .link ? [] : found(at: inner, in: project)
            }
        default: []
        }
    }
}
