// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Spans as OTLP's JSON has them: ids in hexadecimal, 64-bit numbers as decimal text, enumerations as numbers.
///
/// Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
struct TraceRequest: Encodable {
    private let resourceSpans: [ResourceSpans]

    /// - Parameter resource: Says which process the spans are of.
    init(_ spans: [Span], resource: [String: String]) {
        let resource = Resource(attributes: Attribute.all(resource.mapValues { .text($0) }))
        let scope = Scope(name: "production-relay", version: SuiteVersion.current)
        resourceSpans = [
            ResourceSpans(
                resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: spans.map(SpanRecord.init))])
        ]
    }

    /// The body of a request.
    func body() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    private struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    private struct Resource: Encodable { let attributes: [Attribute] }

    private struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [SpanRecord]
    }

    private struct Scope: Encodable {
        let name: String
        let version: String
    }

    private struct SpanRecord: Encodable {
        struct Link: Encodable {
            let traceId: String
            let spanId: String
        }
        struct Status: Encodable {
            /// `STATUS_CODE_ERROR`.
            var code = 2
            let message: String
        }

        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let links: [Link]?
        let status: Status?

        init(_ span: Span) {
            traceId = span.identity.traceID
            spanId = span.identity.spanID
            parentSpanId = span.parentID
            name = span.name
            kind = span.kind.rawValue
            startTimeUnixNano = Self.nanoseconds(span.startedAtNanoseconds)
            // A clock that was set back must not make a span that ends before it starts.
            endTimeUnixNano = Self.nanoseconds(max(span.startedAtNanoseconds, span.endedAtNanoseconds))
            attributes = Attribute.all(span.attributes)
            links = span.links.isEmpty ? nil : span.links.map { Link(traceId: $0.traceID, spanId: $0.spanID) }
            status = span.failure.map { Status(message: $0) }
        }

        private static func nanoseconds(_ time: Int64) -> String { "\(max(0, time))" }
    }

    private struct Attribute: Encodable {
        struct Value: Encodable {
            var stringValue: String?
            var intValue: String?

            init(_ value: Span.Value) {
                switch value {
                case .text(let text): stringValue = text
                case .number(let number): intValue = String(number)
                }
            }
        }

        let key: String
        let value: Value

        static func all(_ attributes: [String: Span.Value]) -> [Attribute] {
            attributes.sorted { $0.key < $1.key }.map { Attribute(key: $0.key, value: Value($0.value)) }
        }
    }
}

/// A collector's answer to a batch that it took: how many of its spans it then did not want, and why.
struct TraceAnswer: Decodable {
    struct PartialSuccess: Decodable {
        /// A 64-bit number: text by the book, a bare number from the lenient.
        let rejectedSpans: Int
        let errorMessage: String

        private enum CodingKeys: CodingKey { case rejectedSpans, errorMessage }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let text = try? container.decodeIfPresent(String.self, forKey: .rejectedSpans)
            let number = try? container.decodeIfPresent(Int.self, forKey: .rejectedSpans)
            rejectedSpans = number ?? text.flatMap { Int($0) } ?? 0
            errorMessage = (try? container.decodeIfPresent(String.self, forKey: .errorMessage)) ?? ""
        }
    }

    let partialSuccess: PartialSuccess?

    /// Nil when there is nothing to read: an answer may be empty.
    static func read(_ body: [UInt8]) -> PartialSuccess? {
        (try? JSONDecoder().decode(TraceAnswer.self, from: Data(body)))?.partialSuccess
    }
}
