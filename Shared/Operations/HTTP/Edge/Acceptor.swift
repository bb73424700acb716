// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Accepts connections from a listening socket, on a thread of its own, until it is stopped.
///
/// NIO's server channel cannot be used: a socket that was readable and has nobody waiting is a fault to it, which
/// ends a debug build. Where several processes accept from one socket, that is what all but the quickest of them see.
final class Acceptor: Sendable {
    /// Connections that may wait to be taken up; more are closed at once.
    private static let waitingLimit = 1024
    /// Before it is tried again, when the process has no descriptor or memory left.
    private static let pauseMilliseconds: CInt = 50

    /// Descriptors of accepted connections, which do not block. Whoever takes one out owns it.
    let accepted: AsyncStream<CInt>
    private let taken: AsyncStream<CInt>.Continuation
    private let socket: CInt
    /// The ends of a pair into which something is written to stop.
    private let wake: CInt
    private let waker: CInt

    /// - Parameter socket: A descriptor that listens; it is closed in the end.
    /// - Throws: `ListeningSocket.Failure` when the process has no descriptor left.
    init(taking socket: CInt) throws(ListeningSocket.Failure) {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(socket)
            throw ListeningSocket.Failure(
                reason: "connections cannot be accepted: \(reason)", remedy: "raise the limit of open files")
        }
        (wake, waker) = (ends[0], ends[1])
        // Another process may have taken what this one was woken for: then it must not wait in the kernel.
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        self.socket = socket
        (accepted, taken) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingLimit))
    }

    deinit {
        for descriptor in [socket, wake, waker] { Glibc.close(descriptor) }
    }

    /// The thread keeps this alive until it has ended.
    func start() { Thread.detachNewThread { self.run() } }

    /// Accepts nothing more, and ends the stream. May be called from anywhere, and again.
    func stop() { _ = Glibc.write(waker, [0], 1) }

    private func run() {
        defer { taken.finish() }
        while wait(for: [socket, wake], milliseconds: -1) {
            let connection = accept(socket, nil, nil)
            if connection >= 0 {
                // Children are started with nothing but what they are given, so this comes in time.
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                _ = fcntl(connection, F_SETFL, O_NONBLOCK)
                if case .enqueued = taken.yield(connection) { continue }
                Glibc.close(connection)
                continue
            }
            switch errno {
            case EBADF, EINVAL, ENOTSOCK: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                guard wait(for: [wake], milliseconds: Self.pauseMilliseconds) else { return }
            default: break  // Somebody else took it, or who connected has gone.
            }
        }
    }

    /// Waits until there is something at one of the descriptors, or the time is up.
    /// - Returns: false when it was stopped.
    private func wait(for descriptors: [CInt], milliseconds: CInt) -> Bool {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 else { return errno == EINTR }
        return !polled.contains { $0.fd == wake && $0.revents != 0 }
    }
}
