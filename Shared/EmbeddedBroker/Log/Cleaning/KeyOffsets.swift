// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The last offset of each key, for a bounded number of keys.
///
/// Keys are kept as 128 bits of two keyed hashes (SipHash, whose key is the process's own), so that memory does not
/// depend on their length: among a billion keys two are taken for one with a probability of about 1 in 10^21.
struct KeyOffsets {
    private struct KeyDigest: Hashable {
        var first: Int
        var second: Int

        init(_ key: ByteBuffer) {
            func hash(_ seed: UInt8) -> Int {
                var hasher = Hasher()
                hasher.combine(seed)
                key.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
                return hasher.finalize()
            }
            first = hash(1)
            second = hash(2)
        }

        // It is a hash already.
        func hash(into hasher: inout Hasher) { hasher.combine(first) }
    }

    private let limit: Int
    private var offsets: [KeyDigest: Int64] = [:]

    init(limit: Int) { self.limit = limit }

    /// Notes a later offset of a key; false, with nothing noted, when there are too many keys.
    mutating func note(_ key: ByteBuffer, _ offset: Int64) -> Bool {
        let digest = KeyDigest(key)
        guard offsets.count < limit || offsets[digest] != nil else { return false }
        offsets[digest] = offset
        return true
    }

    subscript(key: ByteBuffer) -> Int64? { offsets[KeyDigest(key)] }
}
