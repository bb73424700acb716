// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// A clean directory in which one pipeline runs once.
///
///     checkout/   the project's files, or the repository around them
///     home/       HOME of the stages
///     tmp/        TMPDIR of the stages
struct Workspace: Sendable {
    let root: String
    var checkout: String { root + "/checkout" }
    var home: String { root + "/home" }
    var temporary: String { root + "/tmp" }

    /// Makes an empty workspace, whatever was at its place before.
    /// - Throws: `Refusal`.
    init(emptyAt root: String) throws(Refusal) {
        self.root = root
        do {
            try Self.remove(root)
            for directory in [checkout, home, temporary] {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            }
        } catch {
            throw Refusal("a clean workspace cannot be made at \(root): \(error.localizedDescription)")
        }
    }

    /// Removes the workspace; what cannot be removed is found by the next run at the same place.
    func discard() {
        try? Self.remove(root)
    }

    private static func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }
}
