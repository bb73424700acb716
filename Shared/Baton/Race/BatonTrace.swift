// SPDX-License-Identifier: Apache-2.0

import Digest

/// The trace of a baton: the request's own when it had one, and the names of the spans in it.
///
/// All names follow from the baton and the attempt, so every process can name a span without having seen it, and who
/// tells of the same span again tells it under the same name.
public struct BatonTrace: Sendable, Equatable {
    /// The baton.
    public let baton: BatonID
    /// 32 lower-case hexadecimal digits.
    public let traceID: String
    /// The span of whoever asked for the release; nil when nobody told.
    public let requestSpanID: String?
    /// Whether spans are to be recorded: not when whoever asked does not record its own.
    public let isSampled: Bool

    /// - Parameter request: What the request said of its trace.
    public init(_ baton: BatonID, request: TraceContext?) {
        self.baton = baton
        traceID = request?.traceID ?? Self.digits(of: SHA256.hash(baton.description), bytes: 16)
        requestSpanID = request?.spanID
        isSampled = request?.isSampled ?? true
    }

    /// The whole race, from the accepted request to the end.
    public var race: TraceContext { context("race") }

    /// An attempt, from its assignment until it is answered or given up; below the race.
    public func attempt(_ key: AttemptKey) -> TraceContext { context("attempt", key.description) }

    private func context(_ parts: String...) -> TraceContext {
        TraceContext(
            traceID: traceID, spanID: Self.spanID(of: [baton.description] + parts), isSampled: isSampled)
    }

    static func spanID(of parts: [String]) -> String { digits(of: SHA256.hash(parts: parts), bytes: 8) }

    /// The first digits of a hash; never all zero, which would be no id.
    private static func digits(of hash: ContentDigest, bytes: Int) -> String {
        let digits = hash.hex.prefix(2 * bytes)
        return digits.allSatisfy { $0 == "0" } ? String(digits.dropLast() + "1") : String(digits)
    }
}

extension TraceContext {
    /// One run of an attempt's work, below the attempt. It is done again after a crash, and then by another run.
    /// - Parameters:
    ///   - worker: Who does it.
    ///   - startedAt: When it began to.
    public func work(of worker: String, startedAt: Timestamp) -> TraceContext {
        let span = BatonTrace.spanID(of: [spanID, "work", worker, String(startedAt.milliseconds)])
        return TraceContext(traceID: traceID, spanID: span, isSampled: isSampled)
    }
}

extension BatonState {
    /// The baton's trace.
    public var trace: BatonTrace { BatonTrace(id, request: traceparent) }
}

extension Assignment {
    /// The span of this attempt. An order of before there were traces gets the one that it would have had.
    public var trace: TraceContext { traceparent ?? BatonTrace(baton, request: nil).attempt(key) }
}

extension ReleaseRecord {
    /// The span of the baton's race.
    public var trace: TraceContext { traceparent ?? BatonTrace(baton, request: nil).race }
}
