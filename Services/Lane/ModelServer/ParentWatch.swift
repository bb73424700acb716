// SPDX-License-Identifier: Apache-2.0

import Glibc
import ServiceLifecycle

/// Ends the lane when the process that started it is gone: a lane without a router would hold memory for nobody.
struct ParentWatch: Service {
    /// How often to look. The kernel tells of a dead parent only by changing the parent's id.
    static let interval: Duration = .milliseconds(250)

    private let parent = getppid()

    /// Returns when the parent has gone or the group shuts down.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while getppid() == parent { try await Task.sleep(for: Self.interval) }
            }
        } catch is CancellationError {
            // The lane is shutting down already.
        }
    }
}
