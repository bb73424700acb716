// SPDX-License-Identifier: Apache-2.0

/// The Kafka binding: binary mode is written, binary and structured mode are read.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
extension CloudEvent {
    /// The record headers of binary mode; the record's value is `data`.
    public var kafkaHeaders: [(name: String, value: [UInt8])] {
        var headers: [(String, String?)] = [
            ("ce_specversion", "1.0"), ("ce_id", id), ("ce_source", source), ("ce_type", type), ("ce_subject", subject),
            ("ce_time", time?.description), ("ce_dataschema", dataSchema), ("content-type", dataContentType),
        ]
        headers += extensions.sorted { $0.key < $1.key }.map { ("ce_" + $0.key, $0.value) }
        return headers.compactMap { name, value in value.map { (name, Array($0.utf8)) } }
    }

    /// Reads a record in either mode.
    /// - Throws: `Refusal` with every problem found.
    public init(kafkaHeaders headers: [(name: String, value: [UInt8]?)], value: [UInt8]?) throws(Refusal) {
        // A header without a value says nothing.
        let texts = headers.compactMap { name, bytes in
            bytes.map { (name: name, value: String(validating: $0, as: UTF8.self)) }
        }
        let contentType = texts.first { $0.name.lowercased() == "content-type" }?.value
        switch contentType.flatMap({ MediaType($0) })?.essence {
        case Self.structuredType: try self.init(structured: value ?? [])
        case let type? where type.hasPrefix("application/cloudevents"):
            throw Refusal("the format \(type) is not understood in a record: send \(Self.structuredType)")
        default: try self.init(binary: texts, prefix: "ce_", data: value)
        }
    }

    /// The content type of an event in structured mode.
    public static let structuredType = "application/cloudevents+json"
}

/// Binary mode of either binding: attributes in headers, data in the body.
extension CloudEvent {
    /// Reads the binary mode.
    /// - Parameters:
    ///   - headers: As received, in any case; the value is nil where it is not UTF-8.
    ///   - prefix: What the names of headers with attributes begin with.
    /// - Throws: `Refusal` with every problem found.
    public init(
        binary headers: [(name: String, value: String?)], prefix: String, data: [UInt8]?
    ) throws(Refusal) {
        var attributes: [String: String] = [:]
        var problems: [Problem] = []
        var seen: Set<String> = []
        for (header, value) in headers {
            guard let name = Self.attribute(of: header, prefix) else { continue }
            let place = JSONPointer.root / name
            if !seen.insert(name).inserted {
                problems.append(Problem("the header \(header) is there twice", at: place))
            } else if let value {
                attributes[name] = value
            } else {
                problems.append(Problem("the header \(header) is not UTF-8: write it in UTF-8", at: place))
            }
        }
        if !seen.contains("specversion"), Self.looksStructured(data) {
            throw Refusal(
                "this is an event in structured mode, and its content type does not say so: send the header "
                    + "content-type: \(Self.structuredType)")
        }
        try self.init(attributes: attributes, data: data, noted: problems) { name in
            name == "datacontenttype" ? "content-type" : prefix + name
        }
    }

    /// The attribute that a header carries; nil for another header.
    private static func attribute(of header: String, _ prefix: String) -> String? {
        let lowercased = header.lowercased()
        if lowercased == "content-type" { return "datacontenttype" }
        return lowercased.hasPrefix(prefix) ? String(header.dropFirst(prefix.count)) : nil
    }

    private static func looksStructured(_ data: [UInt8]?) -> Bool {
        guard let data, case .object(let members)? = try? JSONValue.parse(data) else { return false }
        return members["specversion"] != nil
    }
}
