// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Standard output, for whole texts. Foundation's handle ends the process by a trap when nobody reads any more.
public enum StandardOutput {
    /// Writes a text.
    /// - Throws: `OutputFailure` when not all of it could be written. A process that does not ignore SIGPIPE is ended
    ///   by it where the reader has gone.
    public static func write(_ text: String) throws(OutputFailure) {
        let code = StandardStreams.write(Array(text.utf8), to: STDOUT_FILENO)
        if code != 0 { throw OutputFailure(code: code) }
    }
}

/// Standard error as a place for whole lines: two lines never mix.
public enum StandardErrorLines {
    private static let lock = Mutex<Void>(())

    /// Writes a line and its end. Nowhere is left to report that it could not be written.
    public static func write(_ line: String) {
        lock.withLock { _ in _ = StandardStreams.write(Array((line + "\n").utf8), to: STDERR_FILENO) }
    }
}

/// Why standard output took no more.
public struct OutputFailure: DiagnosedError, Equatable {
    /// The system's `errno`.
    public let code: Int32

    /// Whoever read it has gone, as `head` does when it has seen enough: nothing is wrong then.
    public var isClosedPipe: Bool { code == EPIPE }
    /// What was wrong.
    public var reason: String { "standard output cannot be written: \(systemWords(code))" }
    /// What the operator can do.
    public var remedy: String {
        code == ENOSPC ? "make room on the disk, or send it elsewhere" : "see where standard output leads to"
    }
}

/// The three descriptors that a process is started with.
public enum StandardStreams {
    /// The exit code of a process whose reader has gone: a shell's for one that SIGPIPE ended.
    public static let closedPipeExitCode: Int32 = 128 + SIGPIPE

    /// Gives each of the three that is closed to a device that takes nothing. Otherwise the next file or connection
    /// that is opened gets its number, and what is meant for people goes there. For the begin of a process.
    public static func occupy() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is given. Opened for the wrong direction, so that using it is told as an error.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Has the process fail at its end when what it printed through the C library's buffer cannot be written any more.
    public static func flushAtExit() {
        atexit {
            guard fflush(nil) != 0 else { return }
            let failure = OutputFailure(code: errno)
            StandardErrorLines.write("\(failure.reason); \(failure.remedy)")
            _exit(ExitCode.failure)
        }
    }

    /// - Returns: 0, or the `errno` of what could not be written.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if written > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                } else if errno == EAGAIN {
                    // Whoever shares the descriptor made it non-blocking; the wait is the one that a pipe has.
                    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&room, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}

/// What the system calls an error, beginning small as within a sentence: "no space left on device".
public func systemWords(_ code: Int32) -> String {
    let words = String(cString: strerror(code))
    return words.prefix(1).lowercased() + words.dropFirst()
}
