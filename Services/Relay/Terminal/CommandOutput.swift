// SPDX-License-Identifier: Apache-2.0

package import Operations
import Synchronization

/// Standard output, and what became of it. Lines are written from many places; that nobody takes them any more is one
/// affair of the whole command, which stops what it started and ends.
package final class CommandOutput: Sendable {
    /// The one that this process has.
    package static let standard = CommandOutput()

    private struct State {
        var failure: OutputFailure?
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// Why it takes no more; nil while it does.
    package var failure: OutputFailure? { state.withLock { $0.failure } }

    /// Writes, unless that failed before.
    package func write(_ text: String) {
        state.withLock { state in
            guard state.failure == nil else { return }
            do throws(OutputFailure) {
                try StandardOutput.write(text)
            } catch {
                state.failure = error
                state.waiting.values.forEach { $0.finish() }
            }
        }
    }

    /// Returns when writing has failed, or the task is cancelled.
    package func waitForFailure() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let waiter = state.withLock { state in
            if state.failure != nil { continuation.finish() }
            state.nextWaiter += 1
            state.waiting[state.nextWaiter] = continuation
            return state.nextWaiter
        }
        for await _ in stream {}
        state.withLock { _ = $0.waiting.removeValue(forKey: waiter) }
    }
}
