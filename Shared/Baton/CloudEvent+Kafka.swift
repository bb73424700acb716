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
        var attributes: [String: String] = [:]
        for (name, bytes) in headers {
            guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { continue }
            attributes[name.lowercased()] = text
        }
        if attributes["content-type"]?.lowercased().hasPrefix("application/cloudevents") == true {
            try self.init(structured: value ?? [])
        } else {
            try self.init(binary: attributes, prefix: "ce_", data: value)
        }
    }

    /// Reads the binary mode of either binding: attributes in headers with `prefix`, data in the body.
    /// - Parameter headers: by lower-case name.
    public init(binary headers: [String: String], prefix: String, data: [UInt8]?) throws(Refusal) {
        var attributes: [String: String] = [:]
        for (name, value) in headers where name.hasPrefix(prefix) {
            attributes[String(name.dropFirst(prefix.count))] = value
        }
        attributes["datacontenttype"] = headers["content-type"]
        try self.init(attributes: attributes, data: data, described: { prefix + $0 })
    }

    /// Checks the attributes of an event that has been taken apart.
    init(attributes: [String: String], data: [UInt8]?, described: (String) -> String) throws(Refusal) {
        var attributes = attributes
        var problems: [String] = []
        func required(_ name: String) -> String {
            let value = attributes.removeValue(forKey: name) ?? ""
            if value.isEmpty { problems.append("the required attribute \(described(name)) is missing") }
            return value
        }
        let version = required("specversion")
        if !version.isEmpty, version != "1.0" {
            problems.append("\(described("specversion")) is \"\(version)\", and only \"1.0\" is understood")
        }
        let (id, source, type) = (required("id"), required("source"), required("type"))
        var time: Timestamp?
        if let text = attributes.removeValue(forKey: "time") {
            time = Timestamp(text)
            if time == nil { problems.append("\(described("time")) \"\(text)\" is not an RFC 3339 time") }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        self.init(
            id: id, source: source, type: type, subject: attributes.removeValue(forKey: "subject"), time: time,
            dataContentType: attributes.removeValue(forKey: "datacontenttype"),
            dataSchema: attributes.removeValue(forKey: "dataschema"), extensions: attributes, data: data)
    }
}
