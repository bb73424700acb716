// SPDX-License-Identifier: Apache-2.0

import Digest

/// Names one model release on its way.
///
/// Derived from the CloudEvents `source` and `id` of the request that started it, so that a request sent
/// twice is the same baton: the first 130 bits of SHA-256 over both (each preceded by its length), as 26
/// characters of Crockford's base32 alphabet.
public struct BatonID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// 26 characters, upper case.
    public let description: String

    /// The baton of a request event.
    public init(source: String, id: String) {
        let hash = SHA256.hash(parts: [source, id])
        description = CrockfordBase32.encode(hash.bytes, characters: Self.length)
    }

    /// Reads an id that was written before; nil when it is not one.
    public init?(_ text: String) {
        let upper = text.uppercased()
        guard upper.utf8.count == Self.length, upper.utf8.allSatisfy(CrockfordBase32.alphabet.contains) else {
            return nil
        }
        description = upper
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = BatonID(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not a baton id"))
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static let length = 26
}

extension SHA256 {
    /// The hash of some texts, each preceded by its length in 8 bytes, so that no two lists of texts look the same.
    static func hash(parts: [String]) -> ContentDigest {
        var hash = SHA256()
        for part in parts {
            let bytes = Array(part.utf8)
            hash.update(withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { Array($0) })
            hash.update(bytes)
        }
        return hash.finalize()
    }
}

/// Crockford's base32: no I, L, O or U, so that an id can be read aloud.
enum CrockfordBase32 {
    static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The first `characters` groups of five bits of `bytes`, most significant first.
    static func encode(_ bytes: [UInt8], characters: Int) -> String {
        let symbols = (0..<characters).map { index -> UInt8 in
            let value = (0..<5).reduce(0) { value, bit in
                let position = index * 5 + bit
                return value << 1 | Int(bytes[position / 8] >> UInt8(7 - position % 8) & 1)
            }
            return alphabet[value]
        }
        return String(decoding: symbols, as: UTF8.self)
    }
}
