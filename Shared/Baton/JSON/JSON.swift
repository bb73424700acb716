// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The one way in which the suite writes and reads JSON: sorted keys, so that equal values are equal bytes.
public enum JSON {
    /// The bytes of a value. Every type of the suite is encodable by construction: finite numbers, string keys.
    public static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers that JSON cannot say stay readable instead of failing the event that carries them.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let exact = ExactValues()
        encoder.userInfo[.exactValues] = exact
        do {
            return try exact.inserted(into: Array(try encoder.encode(value)))
        } catch {
            preconditionFailure("a type of the suite cannot be written as JSON: \(error)")
        }
    }

    /// Reads a value.
    /// - Throws: `Refusal` that says where and what was wrong.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Refusal) -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        decoder.userInfo[.exactDocument] = ExactDocument(bytes)
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal([problem(of: error, in: bytes)])
        }
    }

    /// A decoding error in the suite's own words.
    private static func problem(of error: any Error, in bytes: [UInt8]) -> Problem {
        let document: JSONValue
        // What is no JSON has its own words, and what is has a value to speak of.
        do { document = try ExactDocument.parse(bytes) } catch { return error.details[0] }
        guard let error = error as? DecodingError else { return Problem("\(error)") }
        switch error {
        case .keyNotFound(let key, let context):
            let place = document.pointer(to: context.codingPath.steps) / key.stringValue
            return Problem("\(name(place)) is missing", at: place)
        case .valueNotFound(_, let context):
            let place = document.pointer(to: context.codingPath.steps)
            return Problem("\(name(place)) is null", at: place)
        case .typeMismatch(let type, let context):
            let place = document.pointer(to: context.codingPath.steps)
            let found = document.value(at: context.codingPath.steps)?.kind ?? "something else"
            return Problem("\(name(place)) must be \(kind(of: type)), not \(found)", at: place)
        case .dataCorrupted(let context): return problem(of: context, in: document)
        @unknown default: return Problem("\(error)")
        }
    }

    /// The suite's own types say what is wrong; the decoder says it in terms of Swift.
    private static func problem(of context: DecodingError.Context, in document: JSONValue) -> Problem {
        let place = document.pointer(to: context.codingPath.steps)
        let isOfDecoder = ["Cannot initialize", "Parsed JSON number", "Number"].contains {
            context.debugDescription.hasPrefix($0)
        }
        if isOfDecoder, let value = document.value(at: context.codingPath.steps) {
            let text = String(decoding: value.encoded().prefix(100), as: UTF8.self)
            return Problem("\(name(place)) is \(text), which it cannot be", at: place)
        }
        // Of a number that does not fit the decoder says no more than that the document is invalid.
        guard !place.isRoot else { return Problem("a number in it does not fit where it stands") }
        return Problem("\(name(place)): \(context.debugDescription)", at: place)
    }

    private static func name(_ place: JSONPointer) -> String {
        place.isRoot ? "the value" : place.steps.joined(separator: ".")
    }

    /// What JSON calls a value that a type of Swift is read from.
    private static func kind(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "an array"
        case is [String: Any].Type: "an object"
        default: "of another form"
        }
    }
}
