// SPDX-License-Identifier: Apache-2.0

/// Somebody wants a baton called off.
public struct CancelRequest: EventPayload, Equatable {
    /// The CloudEvents `type`.
    public static let eventType = EventType.batonCancelled

    /// Which baton.
    public var baton: BatonID
    /// Who wants it.
    public var by: String
    /// Why.
    public var reason: String

    /// A wish to call a baton off.
    public init(baton: BatonID, by: String, reason: String) {
        self.baton = baton
        self.by = by
        self.reason = reason
    }
}
