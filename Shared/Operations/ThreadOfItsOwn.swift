// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs work that waits for disks or libraries on a thread of its own, off Swift's cooperative pool.
public func onThreadOfItsOwn<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
