// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is at a path; symbolic links are followed.
enum FileKind: Sendable {
    case file(isExecutable: Bool)
    case directory
    case other

    /// - Returns: nil when nothing is there.
    static func of(_ path: String) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(isExecutable: status.st_mode & S_IXUSR != 0)
        case S_IFDIR: return .directory
        default: return .other
        }
    }
}
