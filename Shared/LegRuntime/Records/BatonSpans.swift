// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Operations

extension Span {
    /// A span between two moments of the race.
    /// - Parameters:
    ///   - context: The span's own name.
    ///   - parent: The span that it is part of.
    public init(
        _ name: String, _ context: TraceContext, below parent: String?, kind: Kind, from start: Timestamp,
        until end: Timestamp, attributes: [String: Value]
    ) {
        self.init(
            name, context.identity, parentID: parent, kind: kind, startedAtMilliseconds: start.milliseconds,
            endedAtMilliseconds: end.milliseconds, attributes: attributes)
    }

    /// What every span of an attempt says.
    public static func attributes(of key: AttemptKey, lane: RaceLane, worker: String?) -> [String: Value] {
        var attributes: [String: Value] = [
            "relay.baton": .text(key.baton.description), "relay.leg": .text(key.duty.leg.rawValue),
            "relay.duty": .text(key.duty.rawValue), "relay.attempt": .number(key.attempt),
            "relay.lane": .text(lane.rawValue),
        ]
        if let worker { attributes["relay.worker"] = .text(worker) }
        return attributes
    }
}

extension TraceContext {
    /// The span's name, as spans refer to each other.
    public var identity: Span.Identity { Span.Identity(traceID: traceID, spanID: spanID) }
}
