// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many files and connections the process may have open.
enum OpenFiles {
    /// Raises the limit as far as the system allows without privileges; returns what it is then.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that leave room for the log's files.
    static func connections(ofLimit limit: Int) -> Int { max(16, min(10_000, limit / 4 * 3)) }
}
