// SPDX-License-Identifier: Apache-2.0

import ConfinedFiles
import Foundation
import Glibc
import Operations
import Synchronization

/// The directory of all workspaces, which several processes may share. A workspace is claimed by a lock that the
/// kernel drops with its process, so what a killed process left can be told from what a live one uses.
package struct WorkspaceDirectory: Sendable {
    let path: String

    /// All workspaces at a path, which need not be there yet.
    package init(path: String) { self.path = path }

    /// A workspace of one's own until it is released.
    package final class Claim: Sendable {
        /// Where the workspace may be made.
        package let workspace: String
        fileprivate let directory: String
        private let lock: Mutex<CInt>

        fileprivate init(directory: String, lock: CInt) {
            self.directory = directory
            workspace = directory + "/run"
            self.lock = Mutex(lock)
        }

        deinit { close() }

        /// Removes the workspace and gives up the claim.
        package func release() {
            if let slash = directory.lastIndex(of: "/") {
                // By a confined directory: links that a stage has left behind are not followed.
                try? ConfinedDirectory(trusted: String(directory[..<slash]))
                    .remove(String(directory[directory.index(after: slash)...]))
            }
            close()
        }

        private func close() {
            lock.withLock {
                guard $0 >= 0 else { return }
                // Unlocked, not only closed: a child that is being started holds a copy of the descriptor until it runs
                // its program.
                flock($0, LOCK_UN)
                _ = Glibc.close($0)
                $0 = -1
            }
        }
    }

    /// A workspace of one's own.
    /// - Parameter name: names the workspace for people; a suffix makes it unique.
    /// - Throws: ``WorkspaceFailure`` when the directory cannot be written.
    package func claim(_ name: String) throws -> Claim {
        let directory = "\(path)/\(name)-\(UUID().uuidString.prefix(8).lowercased())"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw WorkspaceFailure("\(directory) cannot be made: \(inPlainWords(error))")
        }
        guard let lock = Self.lock(directory) else {
            // Safe: the C library's text is copied before anything else can ask for one.
            throw WorkspaceFailure("\(directory) cannot be locked: \(unsafe String(cString: strerror(errno)))")
        }
        return Claim(directory: directory, lock: lock)
    }

    /// Removes every workspace that no live process has claimed.
    /// - Returns: how many.
    package func sweep() throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let directory = "\(path)/\(name)"
            guard let lock = Self.lock(directory) else { continue }
            Claim(directory: directory, lock: lock).release()
            count += 1
        }
        return count
    }

    private static func lock(_ directory: String) -> CInt? {
        // Safe: the call has the text only until it returns.
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let code = errno
        _ = close(descriptor)
        errno = code
        return nil
    }
}

/// Why a workspace cannot be made here and now; another time it may be.
package struct WorkspaceFailure: Error, CustomStringConvertible {
    /// What cannot be done, where, and why.
    package let description: String

    init(_ description: String) { self.description = description }
}
