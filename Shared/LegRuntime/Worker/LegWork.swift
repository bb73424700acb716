// SPDX-License-Identifier: Apache-2.0

public import Baton

/// The work of one leg. Called concurrently for different batons. It must be idempotent, keyed by baton, duty and
/// digest of its inputs: it runs outside any transaction and is repeated after a crash.
public protocol LegWork: Sendable {
    /// The leg whose assignments this does.
    var leg: Leg { get }

    /// Does one assignment.
    /// - Returns: The duty's own part of the results.
    /// - Throws: `WorkFailure`; `WorkRefused` (governance only); `CancellationError` when superseded, revoked or shut
    ///   down, and then nothing is handed off. Any other error is a retryable failure with its description as reason.
    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results

    /// How long work of a duty may go without a word of its own (`WorkContext.progress` and the like) before its
    /// worker stops to vouch for it: then nothing is reported any more, and the captain takes over. Nil: as long as it
    /// takes, within the assignment's deadline.
    func patience(for duty: Duty) -> Duration?
}

extension LegWork {
    /// As long as it takes.
    public func patience(for duty: Duty) -> Duration? { nil }
}

/// The work could not be done.
public struct WorkFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public let reason: String
    /// Whether another attempt may do it.
    public let retryable: Bool

    /// - Parameters:
    ///   - reason: What was wrong, where, and what to do.
    ///   - retryable: Whether another attempt may do it.
    public init(reason: String, retryable: Bool) {
        self.reason = reason
        self.retryable = retryable
    }

    /// The reason.
    public var description: String { reason }
}

/// A newer release is to serve instead: no attempt can do the work any more, and nothing is to be mended.
public struct WorkSuperseded: Error, Sendable, Equatable, CustomStringConvertible {
    /// The baton of the newer release.
    public let newer: BatonID

    /// - Parameter newer: The baton of the newer release.
    public init(by newer: BatonID) { self.newer = newer }

    /// The reason.
    public var description: String { Ending(supersededBy: newer).sentence }
}

/// Governance says no.
public struct WorkRefused: Error, Sendable, Equatable, CustomStringConvertible {
    /// Why.
    public let reason: String

    /// - Parameter reason: Why.
    public init(reason: String) { self.reason = reason }

    /// The reason.
    public var description: String { reason }
}
