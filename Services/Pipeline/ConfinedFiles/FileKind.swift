// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// What is at a place.
package enum FileKind: Sendable, Equatable {
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
    package init?(open descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether it is a file that its owner may execute.
    package var isExecutable: Bool {
        if case .file(let permissions) = self { permissions & S_IXUSR != 0 } else { false }
    }
}
