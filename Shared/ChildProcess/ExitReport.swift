// SPDX-License-Identifier: Apache-2.0

import CChildProcess

/// How a child ended and what it used, as the operating system counted it.
public struct ExitReport: Sendable, Hashable {
    /// How a child ended.
    public enum Status: Sendable, Hashable, CustomStringConvertible {
        /// It returned this code.
        case exited(Int)
        /// This signal ended it.
        case signalled(Int)

        /// A few words for people.
        public var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .signalled(let number): "signal \(number) (\(signalName(number)))"
            }
        }
    }

    /// How it ended.
    public let status: Status
    /// Processor time in user mode, of the child and of what it started and waited for.
    public let userCPU: Duration
    /// Processor time in the kernel, of the same processes.
    public let systemCPU: Duration
    /// The largest resident set of any one of them.
    public let maximumResidentBytes: Int
    /// From the start of the program to its end.
    public let elapsed: Duration

    /// Whether it returned 0.
    public var succeeded: Bool { status == .exited(0) }
    /// All processor time.
    public var cpu: Duration { userCPU + systemCPU }

    init(_ exit: relay_exit, elapsed: Duration) {
        var value: Int32 = 0
        status = relay_exited(exit.status, &value) == 1 ? .exited(Int(value)) : .signalled(Int(value))
        userCPU = .microseconds(exit.user_microseconds)
        systemCPU = .microseconds(exit.system_microseconds)
        maximumResidentBytes = Int(exit.maximum_resident_bytes)
        self.elapsed = elapsed
    }

    /// The guardian was killed from outside, and the kernel killed the child with it: nobody counted.
    init(killedUncountedAfter elapsed: Duration) {
        status = .signalled(Int(Signal.kill.rawValue))
        userCPU = .zero
        systemCPU = .zero
        maximumResidentBytes = 0
        self.elapsed = elapsed
    }
}
