// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The JSON format: structured mode and batches.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
extension CloudEvent {
    /// Reads one event in structured mode.
    /// - Throws: `Refusal` with every problem found.
    public init(structured body: [UInt8]) throws(Refusal) {
        try self.init(JSONValue.parse(body))
    }

    /// Reads a batch; the pointer of a problem begins with the event's place in it.
    /// - Throws: `Refusal` with every problem of every event.
    public static func batch(_ body: [UInt8]) throws(Refusal) -> [CloudEvent] {
        guard case .array(let items) = try JSONValue.parse(body) else {
            throw Refusal("a batch must be a JSON array of events")
        }
        var events: [CloudEvent] = []
        var problems: [Problem] = []
        for (index, item) in items.enumerated() {
            do { events.append(try CloudEvent(item)) } catch { problems += error.below(.root / index).details }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return events
    }

    private init(_ value: JSONValue) throws(Refusal) {
        guard case .object(var members) = value else {
            throw Refusal("the event must be a JSON object, not \(value.kind)")
        }
        let data = members.removeValue(forKey: "data")
        let encoded = members.removeValue(forKey: "data_base64")
        var problems: [Problem] = []
        var attributes: [String: String] = [:]
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            do { attributes[name] = try Self.attribute(name, member) } catch { problems += error.details }
        }
        let contentType = attributes["datacontenttype"]
        var bytes = data.flatMap { Self.bytes(of: $0, contentType) }
        if let encoded {
            if data != nil {
                problems.append(Problem("an event may carry data or data_base64, not both", at: .root / "data_base64"))
            }
            if case .string(let text) = encoded, let decoded = Data(base64Encoded: text) {
                bytes = Array(decoded)
            } else {
                problems.append(Problem("data_base64 is not base64", at: .root / "data_base64"))
            }
        }
        try self.init(attributes: attributes, data: bytes, noted: problems, described: { $0 })
        if dataContentType == nil { dataContentType = "application/json" }
    }

    /// The canonical text of an attribute; nil for null, which is as if it were left out.
    private static func attribute(_ name: String, _ value: JSONValue) throws(Refusal) -> String? {
        let place = JSONPointer.root / name
        let isOfText = Self.attributesOfText.contains(name)
        switch value {
        case .null: return nil
        case .string(let text): return text
        case .bool(let flag) where !isOfText: return flag ? "true" : "false"
        case .number(let number) where !isOfText:
            guard let int = number.int, Int32(exactly: int) != nil else {
                throw Refusal([
                    Problem(
                        "the attribute \(name) is \(number): a number of an attribute is whole and has 32 bits; "
                            + "send another one as a string", at: place)
                ])
            }
            return String(int)
        case .bool, .number, .array, .object:
            let allowed = isOfText ? "a string" : "a string, a whole number or a boolean"
            throw Refusal([Problem("the attribute \(name) must be \(allowed), not \(value.kind)", at: place)])
        }
    }

    /// What stands in `data` is JSON, unless the content type is of another kind and it is a text of that.
    private static func bytes(of data: JSONValue, _ contentType: String?) -> [UInt8]? {
        switch data {
        case .null: nil
        case .string(let text) where contentType.flatMap { MediaType($0) }?.isJSON == false: Array(text.utf8)
        default: data.encoded()
        }
    }
}
