// SPDX-License-Identifier: Apache-2.0

import CLibcrypto

/// One running hash of libcrypto's EVP interface, freed with its owner.
struct EnvelopeDigest: ~Copyable {
    private let context: OpaquePointer
    private let length: Int

    /// - Parameter algorithm: what `EVP_sha256()` or `EVP_md5()` returns.
    init(_ algorithm: OpaquePointer, length: Int) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto could not allocate a digest") }
        self.context = context
        self.length = length
        precondition(
            EVP_DigestInit_ex(context, algorithm, nil) == 1,
            "libcrypto refused a digest algorithm: its configuration or FIPS mode disables it")
    }

    deinit { EVP_MD_CTX_free(context) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        precondition(EVP_DigestUpdate(context, base, bytes.count) == 1, "libcrypto failed to hash")
    }

    mutating func update(_ bytes: some Collection<UInt8>) {
        let hashed: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if hashed == nil {
            Array(bytes).withUnsafeBytes { update($0) }
        }
    }

    consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            precondition(
                EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "libcrypto failed to finish a hash")
            count = length
        }
    }
}
