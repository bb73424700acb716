// SPDX-License-Identifier: Apache-2.0

/// How far a router is with what it writes of one release, told twice a second in the midst of its predictions: so who
/// reads them knows what is still to come, and that nothing is.
///
/// It lies in the partition of the model's predictions, behind every prediction that it counts. Its key is not the
/// model, so that who reads a model's predictions alone passes it over.
public struct RouterMark: EventPayload, Equatable {
    public static let eventType = EventType.routerMarked

    public var model: String
    /// The baton whose release it is about.
    public var baton: BatonID
    public var router: RouterID
    /// All that the router answered before this moment is in front of the mark, or was left out.
    public var through: Timestamp
    /// Requests of the release that the router has answered and numbered: the number of the last one.
    public var written: Int64
    /// How many of them were left out for want of room.
    public var dropped: Int64
    /// The router writes no more marks of this release until it has answered something again.
    public var isLast: Bool
    /// Whether it is no router's: who watches the release tells the time where no router does.
    public var isWitness: Bool?

    public init(
        model: String, baton: BatonID, router: RouterID, through: Timestamp, written: Int64 = 0, dropped: Int64 = 0,
        isLast: Bool = false, isWitness: Bool? = nil
    ) {
        self.model = model
        self.baton = baton
        self.router = router
        self.through = through
        self.written = written
        self.dropped = dropped
        self.isLast = isLast
        self.isWitness = isWitness
    }

    /// The record's key.
    public var key: String { Self.keyPrefix(of: model) + router.instance }

    /// What the keys of all marks of a model begin with; no model's name has a slash.
    public static func keyPrefix(of model: String) -> String { model + "/" }
}
