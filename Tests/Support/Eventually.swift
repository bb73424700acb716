// SPDX-License-Identifier: Apache-2.0

/// Why something that had to happen did not.
public struct NeverHappened: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Looks until something is there. For what happens elsewhere, as in another process, and cannot call back.
/// - Parameter pause: between two looks; short where the time itself is measured.
public func eventually<Value: Sendable>(
    within limit: Duration, pause: Duration = .milliseconds(50), _ what: @autoclosure () -> String,
    _ look: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if let value = try await look() { return value }
        try await Task.sleep(for: pause)
    }
    throw NeverHappened(description: "not within \(limit): \(what())")
}
