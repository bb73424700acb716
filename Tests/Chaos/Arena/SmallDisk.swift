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
        // What is written meanwhile may need more than was seen: then the kernel refuses, and it is looked at again.
        for _ in 0..<1000 {
            var statistics = statvfs()
            try Self.call("asked how full it is") { statvfs(directory, &statistics) }
            let used = Int(statistics.f_blocks - statistics.f_bfree) * Int(statistics.f_frsize)
            if resize(used + 4 * Int(statistics.f_frsize)) == 0 { return }
        }
        throw ChaosFailure("the small disk \(directory) cannot be made full: \(String(cString: strerror(errno)))")
    }

    /// Gives the room back.
    func heal() throws(ChaosFailure) { try Self.call("given its room back") { resize(Self.sizeBytes) } }

    /// Takes the disk away, with all that is on it.
    func unmount() throws(ChaosFailure) {
        try Self.call("taken away") { umount2(directory, CInt(MNT_DETACH)) }
    }

    private func resize(_ bytes: Int) -> CInt {
        Glibc.mount("chaos", directory, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)")
    }

    private static func call(_ what: String, _ body: () -> CInt) throws(ChaosFailure) {
        guard body() == 0 else {
            throw ChaosFailure("a small disk cannot be \(what): \(String(cString: strerror(errno)))")
        }
    }
}

/// A mount namespace of our own.
enum MountNamespace {
    /// Whether this process has one, and may mount.
    static let isOwn: Bool = enter()

    private static func enter() -> Bool {
        // It is the calling thread's, and of those that it starts: any other thread would see other mounts.
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task"))?.count
        guard threads == 1 else { return false }
        // Glibc's module does not show unshare(2).
        guard geteuid() == 0, let symbol = dlsym(nil, "unshare") else { return false }
        let unshare = unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)
        let newMountNamespace: CInt = 0x0002_0000
        guard unshare(newMountNamespace) == 0 else { return false }
        // What we mount is nobody else's.
        return mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0
    }
}
