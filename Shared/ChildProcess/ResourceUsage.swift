// SPDX-License-Identifier: Apache-2.0

import CChildProcess
import Glibc

/// What this process has used since it started, as the operating system counts it.
public struct ResourceUsage: Sendable, Hashable {
    /// Processor time in user mode.
    public let userCPU: Duration
    /// Processor time in the kernel.
    public let systemCPU: Duration
    /// The largest resident set so far.
    public let maximumResidentBytes: Int

    /// All processor time.
    public var cpu: Duration { userCPU + systemCPU }

    /// This process's own usage, without its children.
    public static func ofThisProcess() -> ResourceUsage {
        var usage = rusage()
        relay_own_usage(&usage)
        return ResourceUsage(
            userCPU: Duration(usage.ru_utime), systemCPU: Duration(usage.ru_stime),
            maximumResidentBytes: usage.ru_maxrss * 1024)
    }
}

extension Duration {
    init(_ time: timeval) {
        self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}
