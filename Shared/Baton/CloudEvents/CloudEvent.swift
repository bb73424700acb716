// SPDX-License-Identifier: Apache-2.0

/// A CloudEvents 1.0 event: attributes and the bytes of its data.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
public struct CloudEvent: Sendable, Equatable {
    public var id: String
    public var source: String
    public var type: String
    public var subject: String?
    public var time: Timestamp?
    public var dataContentType: String?
    public var dataSchema: String?
    /// Further attributes by name, `traceparent` among them.
    public var extensions: [String: String]
    public var data: [UInt8]?

    public init(
        id: String, source: String, type: String, subject: String? = nil, time: Timestamp? = nil,
        dataContentType: String? = "application/json", dataSchema: String? = nil,
        extensions: [String: String] = [:], data: [UInt8]? = nil
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.dataContentType = dataContentType
        self.dataSchema = dataSchema
        self.extensions = extensions
        self.data = data
    }
}
