// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs work that waits for disks on a thread of its own, off Swift's cooperative pool.
package enum BlockingWork {
    /// What the body returns or throws.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }
}
