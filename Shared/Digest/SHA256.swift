// SPDX-License-Identifier: Apache-2.0

import CLibcrypto

/// A running SHA-256 (FIPS 180-4).
public struct SHA256: ~Copyable {
    /// The length of a hash in bytes.
    public static let byteCount = 32

    private var digest = EnvelopeDigest(EVP_sha256(), length: byteCount)

    /// A hash of nothing so far.
    public init() {}

    /// Adds bytes to what is hashed.
    public mutating func update(_ bytes: some Collection<UInt8>) {
        digest.update(bytes)
    }

    /// Adds bytes to what is hashed.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        digest.update(bytes)
    }

    /// Ends the hash.
    public consuming func finalize() -> ContentDigest {
        ContentDigest(hashed: digest.finish())
    }

    /// The hash of all of `bytes`.
    public static func hash(_ bytes: some Collection<UInt8>) -> ContentDigest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// The hash of a text's UTF-8 bytes.
    public static func hash(_ text: String) -> ContentDigest {
        hash(text.utf8)
    }
}
