// SPDX-License-Identifier: Apache-2.0

package import Baton
package import ConfinedFiles
import DVC

extension ConfinedDirectory: ProjectFiles {
    /// The bytes of a file that no link leads out of the directory to.
    package func content(of path: String) throws(Refusal) -> [UInt8]? {
        do {
            guard try kind(path) != nil else { return nil }
            return try contents(path)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("\(path) cannot be read: \(error)")
        }
    }
}
