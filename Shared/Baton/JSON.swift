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
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("a type of the suite cannot be written as JSON: \(error)")
        }
    }

    /// Reads a value.
    /// - Throws: `Refusal` that names the member that was wrong.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Refusal) -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw Refusal(explain(error))
        }
    }

    /// A decoding error in one sentence, with the path of the member.
    public static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context, _ last: String? = nil) -> String {
            let path = (context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])).joined(separator: ".")
            return path.isEmpty ? "the value" : path
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context, key.stringValue)) is missing"
        case .valueNotFound(_, let context): return "\(place(context)) is null"
        case .typeMismatch(let type, let context): return "\(place(context)) is not of type \(type)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? context.debugDescription : "\(place(context)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}
