// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The open connections, to be closed when the broker stops.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [UInt64: any Channel] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Returns a number that names the connection for as long as the broker runs.
    func insert(_ channel: any Channel) -> UInt64 {
        state.withLock {
            $0.last += 1
            $0.channels[$0.last] = channel
            return $0.last
        }
    }

    func remove(_ id: UInt64) {
        state.withLock { $0.channels[id] = nil }
    }

    func closeAll() async {
        for channel in state.withLock({ Array($0.channels.values) }) {
            // A connection that its client has closed meanwhile needs nothing more.
            channel.close(promise: nil)
            _ = try? await channel.closeFuture.get()
        }
    }
}
