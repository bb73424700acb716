// SPDX-License-Identifier: Apache-2.0

package import Baton
import CaptainRace
package import Kafka
package import LegRuntime
package import Logging
import Operations

/// Reads what external systems ask for: a good request becomes a baton's first event, anything else a dead letter
/// that says all that is wrong with it. Both are written in the transaction that moves past the record.
package struct InboxProcessor: RecordProcessor {
    let topics: Topics
    let logger: Logger
    let meters: IntakeMeters

    /// - Parameter meters: What counts the requests that are taken and refused.
    package init(topics: Topics, logger: Logger, meters: IntakeMeters) {
        self.topics = topics
        self.logger = logger
        self.meters = meters
    }

    package func assigned(_ partitions: [TopicPartition]) async throws {}
    package func revoked(_ partitions: [TopicPartition]) async {}
    package func settle(committed: Bool) async {}

    package func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
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
