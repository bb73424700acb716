// SPDX-License-Identifier: Apache-2.0

/// What an event's attributes may be.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes
extension CloudEvent {
    /// Those of the specification itself: none of them is a number.
    static let attributesOfText: Set = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
    ]

    /// Puts an event together that has been taken apart.
    /// - Parameters:
    ///   - noted: Problems that were found on the way; an attribute that has one has no other.
    ///   - described: An attribute as its sender knows it: in binary mode the header.
    /// - Throws: `Refusal` with every problem, each with its place in the event's JSON form, whichever way it came.
    init(
        attributes: [String: String], data: [UInt8]?, noted: [Problem] = [], described: (String) -> String
    ) throws(Refusal) {
        let faulty = Set(noted.compactMap { $0.pointer?.steps.first })
        var problems = noted
        for name in ["specversion", "id", "source", "type"] where attributes[name] == nil && !faulty.contains(name) {
            problems.append(Problem("the required attribute \(described(name)) is missing", at: .root / name))
        }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            if let fault = Self.fault(of: name, value, described) {
                problems.append(Problem(fault, at: .root / name))
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        self.init(
            id: attributes["id"] ?? "", source: attributes["source"] ?? "", type: attributes["type"] ?? "",
            subject: attributes["subject"], time: attributes["time"].flatMap { Timestamp($0) },
            dataContentType: attributes["datacontenttype"], dataSchema: attributes["dataschema"],
            extensions: attributes.filter { !Self.attributesOfText.contains($0.key) }, data: data)
    }

    private static func fault(of name: String, _ value: String, _ described: (String) -> String) -> String? {
        let header = described(name)
        guard name.utf8.allSatisfy(isOfName), !name.isEmpty, name != "data" else {
            return "\"\(header)\" names no attribute: a name has lower-case letters and digits only, and is not data"
        }
        if attributesOfText.contains(name), value.isEmpty {
            let isRequired = ["specversion", "id", "source", "type"].contains(name)
            return "\(header) is empty" + (isRequired ? "" : ": leave it out, or say something")
        }
        if let bad = value.unicodeScalars.first(where: isDisallowed) {
            return "\(header) holds the character U+\(bad.hexadecimal), which an attribute may not"
        }
        switch name {
        case "specversion":
            return value == "1.0" ? nil : "\(header) is \"\(value)\", and only \"1.0\" is understood"
        case "source":
            return URIReference.fault(in: value).map { "\(header) is no URI-reference: it \($0)" }
        case "dataschema":
            return URIReference.fault(inAbsolute: value).map { "\(header) is no URI: it \($0)" }
        case "datacontenttype":
            return MediaType(value) == nil ? "\(header) \"\(value)\" is no media type, as application/json is" : nil
        case "time":
            return Timestamp(value) == nil
                ? "\(header) \"\(value)\" is not an RFC 3339 time, as 2026-01-31T12:00:00Z is" : nil
        default: return nil
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// Control characters, and code points that are no characters and never will be.
    private static func isDisallowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: false
        case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }
}

extension Unicode.Scalar {
    /// Its number as it is usually written: `001B`.
    var hexadecimal: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
