// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Who may receive how much: the bytes of all requests that are being received or served.
///
/// A value without I/O. Reservations are granted in the order in which they were asked for. A request that is larger
/// than everything there is gets it all, alone. A connection with nothing else under way may always bring one small
/// request, so that large ones, or those who never finish one, do not keep it out.
struct RequestMemory {
    /// Requests up to this many bytes are small.
    static let smallRequest = 16 << 10

    let limit: Int
    private(set) var used = 0
    private var waiting = CircularBuffer<(connection: UInt64, bytes: Int)>()

    init(limit: Int) { self.limit = limit }

    /// Whether somebody waits.
    var isExhausted: Bool { !waiting.isEmpty }

    /// Reserves, or else remembers the wish: then `release` tells when it is granted.
    mutating func reserve(_ bytes: Int, for connection: UInt64, isItsOnlyOne: Bool) -> Bool {
        if isItsOnlyOne && bytes <= Self.smallRequest || waiting.isEmpty && fits(bytes) {
            used += bytes
            return true
        }
        waiting.append((connection, bytes))
        return false
    }

    /// Gives back; returns the connections whose wishes are granted by that, oldest first.
    mutating func release(_ bytes: Int) -> [UInt64] {
        used -= bytes
        return grant()
    }

    /// Drops the wish of a connection that is gone; returns the connections whose wishes are granted by that.
    mutating func forget(_ connection: UInt64) -> [UInt64] {
        guard !waiting.isEmpty else { return [] }
        waiting.removeAll { $0.connection == connection }
        return grant()
    }

    private func fits(_ bytes: Int) -> Bool { used == 0 || used + bytes <= limit }

    private mutating func grant() -> [UInt64] {
        var granted: [UInt64] = []
        while let first = waiting.first, fits(first.bytes) {
            waiting.removeFirst()
            used += first.bytes
            granted.append(first.connection)
        }
        return granted
    }
}
