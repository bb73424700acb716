// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Logging
import Operations

/// Reads what external systems ask for: a good request becomes a baton's first event, anything else a dead letter
/// that says all that is wrong with it. Both are written in the transaction that moves past the record.
struct InboxProcessor: RecordProcessor {
    let topics: Topics
    let logger: Logger
    let meters: IntakeMeters

    func assigned(_ partitions: [TopicPartition]) async throws {}
    func revoked(_ partitions: [TopicPartition]) async {}
    func settle(committed: Bool) async {}

    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        Outputs(records.map { output($0, now: now) })
    }

    private func output(_ record: ConsumerRecord, now: Timestamp) -> ProducerRecord {
        do {
            let event = try record.cloudEvent()
            let request = try ReleaseRequest.read(event)
            meters.inboxAccepted.add()
            return BatonRequest(
                source: event.source, id: event.id, request: request, traceparent: event.trace ?? record.trace
            ).record(topics, now: now)
        } catch {
            meters.inboxRefused.add()
            logger.warning(
                "a record of the inbox was refused",
                metadata: [
                    "partition": "\(record.partition)", "offset": "\(record.offset)", "problems": "\(error)",
                ])
            return deadLetter(record, reason: "\(error)", reader: "captain.intake", topics: topics)
        }
    }
}

extension BatonRequest {
    /// The record on baton-events. A request sent again is the same event under the same id.
    func record(_ topics: Topics, now: Timestamp) -> ProducerRecord {
        record(
            topic: topics.batonEvents, key: baton.description, id: "\(baton)/requested", source: captainSource,
            subject: baton.description, time: now, trace: traceparent)
    }
}

extension CancelRequest {
    func record(_ topics: Topics, now: Timestamp) -> ProducerRecord {
        record(
            topic: topics.batonEvents, key: baton.description, id: "\(baton)/cancel/\(now.milliseconds)",
            source: captainSource, subject: baton.description, time: now)
    }
}
