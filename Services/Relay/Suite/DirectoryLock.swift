// SPDX-License-Identifier: Apache-2.0

import Glibc
import Operations
import ShownText

/// Holds a data directory for one relay; the kernel lets go of it however the process ends.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    /// - Returns: nil when another process holds it.
    static func take(_ path: String) throws(RelayFailure) -> DirectoryLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
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

/// Why a command could not do what it was asked, in one paragraph.
struct RelayFailure: Error, CustomStringConvertible, Equatable {
    /// What failed.
    let reason: String
    /// Where more is to be read.
    let log: String?
    /// What to do.
    let remedy: String

    init(_ reason: String, log: String? = nil, remedy: String) {
        self.reason = reason
        self.log = log
        self.remedy = remedy
    }

    var description: String {
        let place = log.map { " Its log is \($0)." } ?? ""
        // A reason may hold what somebody else wrote, to the captain or to Kafka.
        return "\(reason).\(place) What to do: \(remedy).".withoutHiddenCharacters()
    }
}
