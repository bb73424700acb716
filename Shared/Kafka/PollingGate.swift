// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets one poll in at a time, and none once the client is being closed.
final class PollingGate: Sendable {
    private struct State {
        var isPolling = false
        var isClosing = false
        var idle: EndSignal?
    }

    private let state = Mutex(State())

    var isClosing: Bool { state.withLock { $0.isClosing } }

    func enter(_ operation: String) throws {
        try state.withLock { state in
            if state.isClosing { throw KafkaError.closed(operation) }
            if state.isPolling {
                throw KafkaError(
                    code: .invalidState, operation: operation, message: "another task polls this client already")
            }
            state.isPolling = true
        }
    }

    func leave() {
        let idle = state.withLock { state in
            state.isPolling = false
            return state.idle
        }
        idle?.signal()
    }

    /// False when closing has begun before.
    func beginClosing() -> Bool {
        state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
    }

    func waitUntilIdle() async {
        let signal: EndSignal? = state.withLock { state in
            guard state.isPolling else { return nil }
            let signal = state.idle ?? EndSignal()
            state.idle = signal
            return signal
        }
        await signal?.wait()
    }
}
