// SPDX-License-Identifier: Apache-2.0

/// One measured consumption; governance puts the price to it.
public struct Usage: EventPayload, Equatable {
    public static let eventType = EventType.usageMeasured

    /// What is measured, with its unit.
    public enum Resource: String, Codable, Sendable, CaseIterable {
        /// User and system time of processes, as the operating system accounts for it.
        case cpuSeconds = "cpu-seconds"
        /// New bytes in the artifact store.
        case storedBytes = "stored-bytes"
        /// Answered inference requests.
        case requests
        /// Bytes over the router's connections, both ways.
        case movedBytes = "moved-bytes"
    }

    /// The same whenever the same consumption is reported again.
    public var id: String
    public var resource: Resource
    public var amount: Double
    /// The baton on whose behalf; its account pays.
    public var baton: BatonID
    /// The leg that consumed.
    public var leg: Leg
    public var measuredAt: Timestamp

    public init(id: String, resource: Resource, amount: Double, baton: BatonID, leg: Leg, measuredAt: Timestamp) {
        self.id = id
        self.resource = resource
        self.amount = amount
        self.baton = baton
        self.leg = leg
        self.measuredAt = measuredAt
    }
}
