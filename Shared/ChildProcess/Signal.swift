// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A signal that can be sent to a child.
public enum Signal: Sendable, Hashable {
    /// SIGTERM: please end.
    case terminate
    /// SIGKILL: end at once.
    case kill
    /// SIGINT: what Ctrl-C sends.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangUp
    /// SIGSTOP: freeze.
    case stop
    /// SIGCONT: thaw.
    case `continue`

    var rawValue: CInt {
        switch self {
        case .terminate: SIGTERM
        case .kill: SIGKILL
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        case .stop: SIGSTOP
        case .continue: SIGCONT
        }
    }
}

func signalName(_ number: Int) -> String {
    strsignal(CInt(truncatingIfNeeded: number)).map { String(cString: $0) } ?? "unknown"
}

func systemMessage(_ code: CInt) -> String {
    // strerror's buffer is its own per thread since glibc 2.32.
    String(cString: strerror(code))
}
