// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Keeps a second broker from using the same directory, for as long as this one's process holds it.
final class DirectoryLock {
    private var descriptor: CInt

    init(_ directory: String) throws(StorageError) {
        let path = directory + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw StorageError("lock (is another broker using the directory?)", path, errno: number)
        }
    }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        // A child that this process is just starting has the descriptor until it runs another program.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
        descriptor = -1
    }
}
