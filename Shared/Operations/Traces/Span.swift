// SPDX-License-Identifier: Apache-2.0

/// A stretch of time in which something was done, as part of a trace.
///
/// Source: https://opentelemetry.io/docs/specs/otel/trace/api/#span
public struct Span: Sendable, Equatable {
    /// Names a span among all traces.
    public struct Identity: Hashable, Sendable {
        /// 32 lower-case hexadecimal digits.
        public let traceID: String
        /// 16 lower-case hexadecimal digits.
        public let spanID: String

        /// - Parameters:
        ///   - traceID: 32 lower-case hexadecimal digits.
        ///   - spanID: 16 lower-case hexadecimal digits.
        public init(traceID: String, spanID: String) {
            self.traceID = traceID
            self.spanID = spanID
        }
    }

    /// How the span relates to its parent; the numbers are OTLP's.
    public enum Kind: Int, Sendable {
        /// Answers a request.
        case server = 2
        /// Sends a request and waits for its answer.
        case client = 3
        /// Orders what its children do later, elsewhere.
        case producer = 4
        /// Does what its parent ordered.
        case consumer = 5
    }

    /// What an attribute says.
    public enum Value: Sendable, Equatable {
        case text(String)
        case number(Int)
    }

    /// The span's own name among all traces.
    public var identity: Identity
    /// The span of the same trace that it is part of; nil for the first one.
    public var parentID: String?
    /// What was done; few different ones, so that spans can be compared by it.
    public var name: String
    /// How the span relates to its parent.
    public var kind: Kind
    /// Nanoseconds since 1970.
    public var startedAtNanoseconds: Int64
    /// Nanoseconds since 1970.
    public var endedAtNanoseconds: Int64
    /// More about it.
    public var attributes: [String: Value]
    /// Spans that led to this one without being its parent.
    public var links: [Identity] = []
    /// Why it failed; nil when it did not.
    public var failure: String?

    /// A span that has ended.
    /// - Parameters:
    ///   - identity: The span's own name among all traces.
    ///   - parentID: The span of the same trace that it is part of.
    ///   - startedAtMilliseconds: Milliseconds since 1970.
    ///   - endedAtMilliseconds: Milliseconds since 1970.
    public init(
        _ name: String, _ identity: Identity, parentID: String?, kind: Kind, startedAtMilliseconds: Int64,
        endedAtMilliseconds: Int64, attributes: [String: Value] = [:]
    ) {
        self.name = name
        self.identity = identity
        self.parentID = parentID
        self.kind = kind
        startedAtNanoseconds = startedAtMilliseconds * 1_000_000
        endedAtNanoseconds = endedAtMilliseconds * 1_000_000
        self.attributes = attributes
    }

    /// Milliseconds since 1970.
    public var startedAtMilliseconds: Int64 { startedAtNanoseconds / 1_000_000 }
    /// Milliseconds since 1970.
    public var endedAtMilliseconds: Int64 { endedAtNanoseconds / 1_000_000 }
}
