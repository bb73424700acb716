// SPDX-License-Identifier: Apache-2.0

package import Baton
package import ConfinedFiles
import Glibc

/// A clean directory in which one pipeline runs once.
///
///     files/checkout/   the project's files, or the repository around them
///     files/home/       HOME of the stages
///     files/tmp/        TMPDIR of the stages, a directory for each
///     view/             empty: where a stage's own view of the machine is put together, for that stage alone
package struct Workspace: Sendable {
    let root: String
    /// What stages find, wherever they find it.
    package let files: ConfinedDirectory
    /// The project's files, or the repository around them.
    package let checkout: ConfinedDirectory
    /// The directory that the workspace is made in, and its name there.
    private let place: (directory: ConfinedDirectory, name: String)

    /// The directory that stages, and git, find as `HOME`.
    package var home: String { files.path + "/home" }
    var view: String { root + "/view" }

    /// Makes an empty workspace, whatever was at its place before.
    /// - Parameter root: an absolute path, of which all but the last name is there.
    /// - Throws: `Refusal`.
    package init(emptyAt root: String) throws(Refusal) {
        do {
            let parts = root.split(separator: "/").map(String.init)
            let name = parts.last ?? ""
            let place = try ConfinedDirectory(trusted: "/" + parts.dropLast().joined(separator: "/"))
            try place.remove(name)
            for directory in ["files/checkout", "files/home", "files/tmp", "view"] {
                try place.makeDirectory("\(name)/\(directory)")
            }
            guard let files = try place.subdirectory("\(name)/files")?.alone,
                let checkout = try files.subdirectory("checkout")?.alone
            else { throw FileFailure("open", root, code: ENOENT) }
            self.root = root
            self.place = (place, name)
            (self.files, self.checkout) = (files, checkout)
        } catch {
            throw Refusal("a clean workspace cannot be made at \(root): \(error)")
        }
    }

    /// Removes the workspace; what cannot be removed is found by the next run at the same place.
    package func discard() {
        try? place.directory.remove(place.name)
    }
}
