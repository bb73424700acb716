// SPDX-License-Identifier: Apache-2.0

import CLibcrypto

/// A running MD5 (RFC 1321). Broken against attackers: it is here because `dvc.lock` is written in it, and
/// nothing in the suite trusts it.
public struct MD5: ~Copyable {
    private var digest = EnvelopeDigest(EVP_md5(), length: 16)

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
    /// - Returns: 32 lower-case hexadecimal digits.
    public consuming func finalize() -> String {
        hexadecimal(digest.finish())
    }

    /// The hash of all of `bytes`, as 32 lower-case hexadecimal digits.
    public static func hash(_ bytes: some Collection<UInt8>) -> String {
        var hash = MD5()
        hash.update(bytes)
        return hash.finalize()
    }
}
