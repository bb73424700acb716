// SPDX-License-Identifier: Apache-2.0

/// A place in a trace: what a caller says of itself in `traceparent`, so that what is done for it hangs below.
///
/// Source: https://www.w3.org/TR/trace-context/#traceparent-header
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// The name of the header, and of the CloudEvents attribute.
    public static let name = "traceparent"

    /// 32 lower-case hexadecimal digits, not all zero.
    public let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero.
    public let spanID: String
    /// Whether the caller records the trace, and so expects others to.
    public let isSampled: Bool

    init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads what a caller sent; nil when it is malformed, and is then to be treated as if nothing had been sent.
    ///
    /// A version that came after this code is read by what the version 00 defines, as the recommendation asks.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Self.length else { return nil }
        let (version, rest) = (bytes[0..<2], bytes[Self.length...])
        let (trace, span, flags) = (bytes[3..<35], bytes[36..<52], bytes[53..<55])
        guard [2, 35, 52].allSatisfy({ bytes[$0] == Self.dash }),
            [version, trace, span, flags].allSatisfy({ $0.allSatisfy(Self.isDigit) }),
            !version.elementsEqual("ff".utf8), !Self.isZero(trace), !Self.isZero(span)
        else { return nil }
        guard version.elementsEqual("00".utf8) ? rest.isEmpty : rest.isEmpty || rest.first == Self.dash else {
            return nil
        }
        traceID = String(decoding: trace, as: UTF8.self)
        spanID = String(decoding: span, as: UTF8.self)
        isSampled = UInt8(String(decoding: flags, as: UTF8.self), radix: 16).map { $0 & 1 == 1 } ?? false
    }

    /// The form that others read: version 00.
    public var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// A span below this one, whose name is drawn.
    public func child(using numbers: inout some RandomNumberGenerator) -> TraceContext {
        let digits = String(UInt64.random(in: 1 ... .max, using: &numbers), radix: 16)
        let spanID = String(repeating: "0", count: 16 - digits.count) + digits
        return TraceContext(traceID: traceID, spanID: spanID, isSampled: isSampled)
    }

    private static let length = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01".utf8.count
    private static let dash = UInt8(ascii: "-")

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isZero(_ digits: ArraySlice<UInt8>) -> Bool { digits.allSatisfy { $0 == UInt8(ascii: "0") } }
}

extension TraceContext: Codable {
    /// Reads the written form.
    /// - Throws: `DecodingError` when it is malformed: in the suite's own events it never is.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let context = TraceContext(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not a W3C traceparent"))
        }
        self = context
    }

    /// Writes the written form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension CloudEvent {
    /// What the event says of the trace that it belongs to; nil when that is nothing, or malformed.
    ///
    /// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/distributed-tracing.md
    public var trace: TraceContext? { extensions[TraceContext.name].flatMap { TraceContext($0) } }
}
