// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Paths inside a project, relative to its root, with `/` between names and without `.` and `..`.
package enum ProjectPath {
    /// A path as it is written everywhere in the suite.
    /// - Parameter directory: the normalised directory that `path` is relative to; empty for the project's root.
    /// - Returns: the normalised path; empty for the project's root.
    /// - Throws: `Refusal` for what is or leads outside the project.
    package static func normalise(_ path: String, from directory: String = "") throws(Refusal) -> String {
        if path.contains("://") { throw Refusal("\"\(path)\" is not in the project: only its own files can be locked") }
        if path.hasPrefix("/") || path.hasPrefix("~") { throw Refusal("\"\(path)\" must be relative to the project") }
        if path.utf8.contains(0) { throw Refusal("the path holds a NUL character") }
        var parts = directory.split(separator: "/")
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                guard !parts.isEmpty else { throw Refusal("\"\(path)\" leads out of the project") }
                parts.removeLast()
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// Whether one path is the other, or is inside it.
    package static func overlap(_ one: String, _ other: String) -> Bool {
        one == other || one.hasPrefix(other + "/") || other.hasPrefix(one + "/")
    }
}
