// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest

/// Stands for some bytes in little room: the first 64 bits of their SHA-256. Among 2^20 different ones, two meet with
/// a probability below 2^-24.
package struct ShortDigest: Hashable, Sendable {
    private let bits: UInt64

    /// Of some bytes.
    package init(_ bytes: some Collection<UInt8>) {
        bits = SHA256.hash(bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Of bytes whose whole SHA-256 is known, in hexadecimal.
    package init(hex: String) { bits = UInt64(hex.prefix(16), radix: 16) ?? 0 }

    /// Of a text in UTF-8.
    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// Of a value as the suite writes it.
    package init(of value: some Encodable) { self.init(JSON.encode(value)) }
}
