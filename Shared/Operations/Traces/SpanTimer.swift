// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The time of a span: placed by the calendar's clock, and as long as the steady one says.
public struct SpanTimer: Sendable {
    private let startedAtNanoseconds: Int64
    private let start = ContinuousClock.now

    /// Starts now.
    public init() {
        startedAtNanoseconds = Int64(Date().timeIntervalSince1970 * 1e9)
    }

    /// A span that ends now.
    public func span(
        _ name: String, _ identity: Span.Identity, below parent: String?, kind: Span.Kind,
        attributes: [String: Span.Value], failure: String? = nil
    ) -> Span {
        let length = (ContinuousClock.now - start).components
        var span = Span(
            name, identity, parentID: parent, kind: kind, startedAtMilliseconds: 0, endedAtMilliseconds: 0,
            attributes: attributes)
        span.startedAtNanoseconds = startedAtNanoseconds
        span.endedAtNanoseconds =
            startedAtNanoseconds + length.seconds * 1_000_000_000 + length.attoseconds / 1_000_000_000
        span.failure = failure
        return span
    }
}
