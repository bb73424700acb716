// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The JSON format: structured mode and batches.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
extension CloudEvent {
    /// Reads one event in structured mode.
    public init(structured body: [UInt8]) throws(Refusal) {
        try self.init(JSONValue.parse(body))
    }

    /// Reads a batch; a problem names the event's place in it.
    public static func batch(_ body: [UInt8]) throws(Refusal) -> [CloudEvent] {
        guard case .array(let items) = try JSONValue.parse(body) else {
            throw Refusal("a batch must be a JSON array of events")
        }
        var events: [CloudEvent] = []
        var problems: [String] = []
        for (index, item) in items.enumerated() {
            do { events.append(try CloudEvent(item)) } catch {
                problems += error.problems.map { "event \(index): \($0)" }
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return events
    }

    private init(_ value: JSONValue) throws(Refusal) {
        guard case .object(var members) = value else { throw Refusal("the event must be a JSON object") }
        let data = members.removeValue(forKey: "data")
        let encoded = members.removeValue(forKey: "data_base64")
        var problems: [String] = []
        var bytes: [UInt8]? = data.flatMap { $0 == .null ? nil : $0.encoded() }
        if let encoded {
            if data != nil { problems.append("an event may carry data or data_base64, not both") }
            if case .string(let text) = encoded, let decoded = Data(base64Encoded: text) {
                bytes = Array(decoded)
            } else {
                problems.append("data_base64 is not base64")
            }
        }
        var attributes: [String: String] = [:]
        for (name, member) in members {
            switch member {
            case .string(let text): attributes[name] = text
            case .number(let number): attributes[name] = JSONValue.text(number)
            case .bool(let flag): attributes[name] = flag ? "true" : "false"
            case .null: continue
            case .array, .object: problems.append("the attribute \(name) must be a plain value")
            }
        }
        do {
            try self.init(attributes: attributes, data: bytes, described: { $0 })
        } catch {
            throw Refusal(problems + error.problems)
        }
        if dataContentType == nil { dataContentType = "application/json" }
        guard problems.isEmpty else { throw Refusal(problems) }
    }
}

/// Any JSON value, kept as it came.
public enum JSONValue: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Parses bytes.
    /// - Throws: `Refusal` saying that it is not JSON, and where the parser stopped when it tells.
    public static func parse(_ bytes: [UInt8]) throws(Refusal) -> JSONValue {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        } catch {
            throw Refusal("the body is not JSON: \(JSON.explain(error))")
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// Its bytes, with sorted keys.
    public func encoded() -> [UInt8] { JSON.encode(self) }

    static func text(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }
}
