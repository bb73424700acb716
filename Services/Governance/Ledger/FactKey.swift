// SPDX-License-Identifier: Apache-2.0

import Digest

/// Names a fact in 16 bytes, so that a chain can remember every fact it holds: the first 128 bits of the SHA-256 of
/// its id. Two of 2^40 facts meet with a probability below 10^-14.
struct FactKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(_ id: String) {
        let bytes = SHA256.hash(id).bytes
        high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
