// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Synchronization

/// How `JSONValue` goes through `Codable`, whose coders have no word for the text of a number: it is taken out of the
/// document before it is read, and put into it after it was written.
extension JSONValue: Codable {
    /// Reads a value of a document that `JSON.decode` decodes.
    public init(from decoder: any Decoder) throws {
        guard let document = decoder.userInfo[.exactDocument] as? ExactDocument else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a JSONValue is read by JSON.decode only"))
        }
        guard let value = try document.value(at: decoder.codingPath.steps) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the value is not in the document"))
        }
        self = value
    }

    /// Leaves a place in a document that `JSON.encode` writes, for the value to be put there.
    public func encode(to encoder: any Encoder) throws {
        guard let exact = encoder.userInfo[.exactValues] as? ExactValues else {
            throw EncodingError.invalidValue(
                self,
                .init(codingPath: encoder.codingPath, debugDescription: "a JSONValue is written by JSON.encode only"))
        }
        exact.add(self, at: encoder.codingPath.steps)
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}

extension CodingUserInfoKey {
    static let exactDocument = make("exact document")
    static let exactValues = make("exact values")

    private static func make(_ name: String) -> CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: name) else { preconditionFailure("no name is refused") }
        return key
    }
}

/// One step of a coder's path. Only the value that it leads through tells whether it is a name or an index: `"03"` is
/// both.
struct CodingStep: Sendable, Equatable {
    let name: String
    let index: Int?
}

extension [any CodingKey] {
    var steps: [CodingStep] { map { CodingStep(name: $0.stringValue, index: $0.intValue) } }
}

/// The document that is being decoded, parsed when somebody asks for a value of it.
final class ExactDocument: Sendable {
    /// As deep as the decoder itself goes.
    private static let maximumDepth = 512

    private let bytes: [UInt8]
    private let tree = Mutex<JSONValue?>(nil)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func parse(_ bytes: [UInt8]) throws(Refusal) -> JSONValue {
        try JSONValue.parse(bytes, maximumDepth: maximumDepth)
    }

    func value(at steps: [CodingStep]) throws -> JSONValue? {
        let tree = try tree.withLock { tree throws -> JSONValue in
            if let tree { return tree }
            let parsed = try Self.parse(bytes)
            tree = parsed
            return parsed
        }
        return tree.value(at: steps)
    }
}

/// The values of one document that the encoder leaves places for.
final class ExactValues: Sendable {
    private let values = Mutex<[(steps: [CodingStep], value: JSONValue)]>([])

    func add(_ value: JSONValue, at steps: [CodingStep]) {
        values.withLock { $0.append((steps, value)) }
    }

    func inserted(into document: [UInt8]) throws(Refusal) -> [UInt8] {
        let values = values.withLock { $0 }
        guard !values.isEmpty else { return document }
        var tree = try ExactDocument.parse(document)
        for (steps, value) in values { tree.put(value, at: steps[...]) }
        return tree.encoded()
    }
}
