// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is at a place.
enum FileKind: Sendable, Equatable {
    case file(permissions: mode_t)
    case directory
    /// A symbolic link, where links are not followed.
    case link
    case other

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file(permissions: status.st_mode & 0o777)
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .link
        default: self = .other
        }
    }

    /// What an open descriptor is of; nil, with `errno`, when the system does not say.
    init?(open descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether it is a file that its owner may execute.
    var isExecutable: Bool {
        if case .file(let permissions) = self { permissions & S_IXUSR != 0 } else { false }
    }
}

/// Something that the system refused to do with a file.
struct FileFailure: Error, CustomStringConvertible {
    let operation: String
    let path: String
    let code: CInt

    init(_ operation: String, _ path: String, code: CInt = errno) {
        (self.operation, self.path, self.code) = (operation, path, code)
    }

    var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}
