// SPDX-License-Identifier: Apache-2.0

/// A payload that travels in a CloudEvent of one type.
public protocol EventPayload: Codable, Sendable {
    /// The CloudEvents `type`.
    static var eventType: String { get }
}

extension EventPayload {
    /// The event that carries this payload. `id` must be the same whenever the same fact is written again.
    /// - Parameter trace: The span that the event belongs to.
    public func event(
        id: String, source: String, subject: String?, time: Timestamp, trace: TraceContext? = nil
    ) -> CloudEvent {
        CloudEvent(
            id: id, source: source, type: Self.eventType, subject: subject, time: time,
            extensions: trace.map { [TraceContext.name: $0.description] } ?? [:], data: JSON.encode(self))
    }

    /// Reads the payload of an event.
    /// - Throws: `Refusal` when the event is of another type or its data does not fit.
    public static func read(_ event: CloudEvent) throws(Refusal) -> Self {
        guard event.type == eventType else {
            if let version = EventType.version(of: event.type, newerThan: eventType) {
                throw Refusal(
                    "version \(version) of \(eventType) was written by a newer release, and this one does not know it: "
                        + "upgrade this service, then replay the record")
            }
            throw Refusal("expected an event of type \(eventType), found \(event.type)")
        }
        return try JSON.decode(Self.self, from: event.data ?? [])
    }
}
