// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 of some bytes, written `sha256:` and 64 lower-case hexadecimal digits.
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes of the hash.
    public let bytes: [UInt8]

    /// The 64 lower-case hexadecimal digits, without the algorithm.
    public var hex: String { hexadecimal(bytes) }

    /// The written form, `sha256:<64 hex>`.
    public var description: String { Self.prefix + hex }

    /// Takes the raw 32 bytes of a SHA-256.
    /// - Throws: ``ContentDigestError`` when there are not exactly 32.
    public init(bytes: [UInt8]) throws(ContentDigestError) {
        guard bytes.count == SHA256.byteCount else {
            throw ContentDigestError(text: hexadecimal(bytes), reason: .wrongLength)
        }
        self.bytes = bytes
    }

    /// Reads the written form.
    /// - Throws: ``ContentDigestError`` when `text` is anything else.
    public init(_ text: String) throws(ContentDigestError) {
        guard text.hasPrefix(Self.prefix) else { throw ContentDigestError(text: text, reason: .unknownAlgorithm) }
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard digits.count == 2 * SHA256.byteCount else {
            throw ContentDigestError(text: text, reason: .wrongLength)
        }
        guard let bytes = hexadecimalBytes(digits) else {
            throw ContentDigestError(text: text, reason: .notHexadecimal)
        }
        self.bytes = bytes
    }

    init(hashed bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static let prefix = "sha256:"
}

extension ContentDigest: Codable {
    /// Reads the written form from a single value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Writes the written form as a single value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A text that is not a ``ContentDigest``.
public struct ContentDigestError: Error, Hashable, CustomStringConvertible {
    /// What is wrong with the text.
    public enum Reason: Hashable, Sendable {
        /// It does not begin with `sha256:`.
        case unknownAlgorithm
        /// It does not hold exactly 64 digits.
        case wrongLength
        /// It holds something other than the digits 0-9 and a-f.
        case notHexadecimal
    }

    /// The text as it was given, cut to 100 characters.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    init(text: String, reason: Reason) {
        self.text = String(text.prefix(100))
        self.reason = reason
    }

    /// One sentence for people.
    public var description: String {
        let problem =
            switch reason {
            case .unknownAlgorithm: "it does not begin with \"sha256:\""
            case .wrongLength: "it does not have 64 hexadecimal digits"
            case .notHexadecimal: "it has a character other than 0-9 and a-f"
            }
        return "\"\(text)\" is not a content digest: \(problem)"
    }
}
