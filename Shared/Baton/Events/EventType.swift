// SPDX-License-Identifier: Apache-2.0

/// The types of the suite's events, `relay.<noun>.<verb>.v1`.
public enum EventType {
    public static let releaseRequested = "relay.release.requested.v1"
    public static let batonRequested = "relay.baton.requested.v1"
    public static let batonCancelled = "relay.baton.cancel-requested.v1"
    public static let batonChanged = "relay.baton.changed.v1"
    public static let dutyAssigned = "relay.duty.assigned.v1"
    public static let dutyHandedOff = "relay.duty.handed-off.v1"
    public static let dutyProgressed = "relay.duty.progressed.v1"
    public static let journalWritten = "relay.journal.written.v1"
    public static let releaseChanged = "relay.release.changed.v1"
    public static let predictionMade = "relay.prediction.made.v1"
    public static let routerMarked = "relay.router.marked.v1"
    public static let outcomeObserved = "relay.outcome.observed.v1"
    public static let signalChanged = "relay.signal.changed.v1"
    public static let usageMeasured = "relay.usage.measured.v1"
    public static let ledgerAppended = "relay.ledger.appended.v1"

    /// The version of `type` when it is a newer one of the same event as `known`; nil otherwise.
    static func version(of type: String, newerThan known: String) -> Int? {
        func parts(_ type: String) -> (name: Substring, version: Int)? {
            guard let dot = type.lastIndex(of: "."), type[dot...].hasPrefix(".v"),
                let version = Int(type[dot...].dropFirst(2))
            else { return nil }
            return (type[..<dot], version)
        }
        guard let (name, version) = parts(type), let ours = parts(known), name == ours.name, version > ours.version
        else { return nil }
        return version
    }
}
