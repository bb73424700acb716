// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A file system of limited size over one directory, that can be made full at once.
///
/// It lives in the mount namespace of this process, so the kernel takes it away however this process ends.
struct SmallDisk: Sendable {
    let directory: String
    static let sizeBytes = 1 << 30

    static func mount(_ directory: String) throws(ChaosFailure) -> SmallDisk {
        try call("mounted over \(directory)") {
            Glibc.mount("chaos", directory, "tmpfs", 0, "size=\(sizeBytes),mode=755")
        }
        return SmallDisk(directory: directory)
    }

    /// Leaves room for a few more pages and no more, as a disk that others have filled.
    func fill() throws(ChaosFailure) {
        var statistics = statvfs()
        try Self.call("asked how full it is") { statvfs(directory, &statistics) }
        let used = Int(statistics.f_blocks - statistics.f_bfree) * Int(statistics.f_frsize)
        try resize(used + 4 * Int(statistics.f_frsize))
    }

    /// Gives the room back.
    func heal() throws(ChaosFailure) { try resize(Self.sizeBytes) }

    private func resize(_ bytes: Int) throws(ChaosFailure) {
        try Self.call("resized") { Glibc.mount("chaos", directory, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)") }
    }

    private static func call(_ what: String, _ body: () -> CInt) throws(ChaosFailure) {
        guard body() == 0 else {
            throw ChaosFailure("a small disk cannot be \(what): \(String(cString: strerror(errno)))")
        }
    }
}

/// A mount namespace of our own.
enum MountNamespace {
    /// Gives this process one, if it may. Must be called while it has only its first thread, which later ones take after.
    /// - Returns: whether it may mount now.
    static func enter() -> Bool {
        // Glibc's module does not show unshare(2).
        guard geteuid() == 0, let symbol = dlsym(nil, "unshare") else { return false }
        let unshare = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
        let newMountNamespace: CInt = 0x0002_0000
        guard unshare(newMountNamespace) == 0 else { return false }
        // What we mount is nobody else's.
        return mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0
    }
}
