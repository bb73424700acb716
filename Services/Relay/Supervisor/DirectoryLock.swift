// SPDX-License-Identifier: Apache-2.0

import Glibc
import Operations
import RelayClients
import ShownText

/// Holds a data directory for one relay; the kernel lets go of it however the process ends.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    /// - Returns: nil when another process holds it.
    static func take(_ path: String) throws(RelayFailure) -> DirectoryLock? {
        // The path is copied for the time of the call.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw RelayFailure(
                "the lock file \(path) cannot be opened: \(systemWords(errno))",
                remedy: "choose a directory that you may write to with --data-directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return DirectoryLock(descriptor)
    }

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit {
        // A child that this process is just starting has the descriptor until it runs another program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
