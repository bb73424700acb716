// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

extension RaceEvent {
    /// Reads a record of the baton-events topic.
    /// - Throws: `Refusal` with every problem; such a record must not reach the rules.
    static func read(_ record: ConsumerRecord) throws(Refusal) -> (baton: BatonID, event: RaceEvent) {
        let event = try record.cloudEvent()
        let (baton, happened) = try read(event)
        // The key decides which captain owns the baton: under another key it would have two writers.
        guard record.keyText == baton.description else {
            throw Refusal("the record's key is \"\(record.keyText ?? "")\" and its event is of baton \(baton)")
        }
        return (baton, happened)
    }

    private static func read(_ event: CloudEvent) throws(Refusal) -> (BatonID, RaceEvent) {
        switch event.type {
        case BatonRequest.eventType:
            let payload = try BatonRequest.read(event)
            guard payload.baton == BatonID(source: payload.source, id: payload.id) else {
                throw Refusal("baton \(payload.baton) is not the one that its request's source and id give")
            }
            let asked = RaceEvent.requested(
                payload.request, source: payload.source, id: payload.id, traceparent: payload.traceparent)
            return (payload.baton, asked)
        case Handoff.eventType:
            let handoff = try Handoff.read(event)
            return (handoff.baton, .handedOff(handoff))
        case CancelRequest.eventType:
            let payload = try CancelRequest.read(event)
            return (payload.baton, .cancelRequested(by: payload.by, reason: payload.reason))
        default:
            throw Refusal("events of type \"\(event.type)\" are not known on this topic")
        }
    }
}
