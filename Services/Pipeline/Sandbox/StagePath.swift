// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where stages' programs are looked for: absolute directories, in order.
package struct StagePath: Sendable, Equatable {
    let directories: [String]

    /// What every Debian has; a service's stages have it unless told otherwise.
    package static let system = StagePath(directories: ["/usr/bin", "/usr/local/bin", "/bin"])

    /// As it stands in `PATH`.
    package var text: String { directories.joined(separator: ":") }

    private init(directories: [String]) { self.directories = directories }

    /// The directories of a `PATH`.
    /// - Parameter text: directories between colons. What is not absolute is left out: it would be another place in
    ///   each stage's directory.
    /// - Returns: nil when nothing is left.
    package init?(_ text: String) {
        var seen: Set<String> = []
        directories = text.split(separator: ":").map(String.init).filter {
            $0.hasPrefix("/") && seen.insert($0).inserted
        }
        if directories.isEmpty { return nil }
    }

    /// The path of the program that a word names; nil when it is none.
    func program(_ word: String) -> String? {
        let paths = word.hasPrefix("/") ? [word] : word.contains("/") ? [] : directories.map { "\($0)/\(word)" }
        return paths.first { path in
            var status = stat()
            // Safe: both calls have the text and the status only until they return.
            return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }
}
