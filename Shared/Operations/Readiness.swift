// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether the parts of a process can do their work now; 200 or 503 at `GET /health/ready`.
public final class Readiness: Sendable {
    /// The state of one part.
    public struct Part: Sendable, Equatable, Codable {
        /// Its name.
        public let part: String
        /// Whether it can do its work.
        public let ready: Bool
        /// Why, or why not.
        public let reason: String
        /// Whether it does less than it should and only a person can mend that; ready all the same.
        public let isDegraded: Bool?
    }

    private struct State {
        var parts: [String: Part] = [:]
        var watchers: [UInt64: AsyncStream<Bool>.Continuation] = [:]
        var nextWatcher: UInt64 = 0

        var isReady: Bool { parts.values.allSatisfy(\.ready) }
    }

    private let state = Mutex(State())

    /// Ready, because no part has said that it is not.
    public init() {}

    /// Replaces the state of a part. A part that must become ready first says so with `false`.
    /// - Parameter isDegraded: Whether it does less than it should and only a person can mend that; it is ready then
    ///   all the same, for sending its work elsewhere would mend nothing.
    public func set(_ ready: Bool, for part: String, reason: String, isDegraded: Bool = false) {
        state.withLock { state in
            state.parts[part] = Part(
                part: part, ready: ready, reason: reason, isDegraded: isDegraded ? true : nil)
            let isReady = state.isReady
            for watcher in state.watchers.values { watcher.yield(isReady) }
        }
    }

    /// Whether every part is ready.
    public var isReady: Bool { state.withLock { $0.isReady } }

    /// Whether every part is ready: now, and whenever a part is set. Who reads slowly sees the newest alone.
    public var changes: AsyncStream<Bool> {
        let (changes, watcher) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            watcher.yield(state.isReady)
            return state.nextWatcher
        }
        watcher.onTermination = { [weak self] _ in self?.state.withLock { $0.watchers[number] = nil } }
        return changes
    }

    /// All parts by name.
    public var parts: [Part] { state.withLock { Array($0.parts.values) }.sorted { $0.part < $1.part } }
}
