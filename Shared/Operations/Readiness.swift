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
    }

    private let states = Mutex<[String: Part]>([:])

    /// Ready, because no part has said that it is not.
    public init() {}

    /// Replaces the state of a part. A part that must become ready first says so with `false`.
    public func set(_ ready: Bool, for part: String, reason: String) {
        states.withLock { $0[part] = Part(part: part, ready: ready, reason: reason) }
    }

    /// Whether every part is ready.
    public var isReady: Bool { states.withLock { $0.values.allSatisfy(\.ready) } }

    /// All parts by name.
    public var parts: [Part] { states.withLock { Array($0.values) }.sorted { $0.part < $1.part } }
}
