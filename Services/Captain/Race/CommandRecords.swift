// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

/// CloudEvents `source` of what the captain writes.
package let captainSource = "relay/captain"

extension RaceCommand {
    /// The record that carries the command out.
    /// - Parameter trace: The baton's.
    func record(_ topics: Topics, trace: BatonTrace, now: Timestamp) -> ProducerRecord {
        switch self {
        case .assign(let assignment), .withdraw(let assignment):
            let baton = assignment.baton.description
            var record = assignment.record(
                topic: topics.leg(assignment.duty.leg), key: baton, id: assignment.key.description,
                source: captainSource, subject: baton, time: now, trace: assignment.trace)
            record.headers += assignment.addressAttributes.map { KafkaHeader(name: "ce_\($0.name)", text: $0.value) }
            return record
        case .journal(let entry):
            let baton = entry.baton.description
            return entry.record(
                topic: topics.journal, key: baton, id: entry.id, source: captainSource, subject: baton, time: entry.at,
                trace: entry.key.map(trace.attempt) ?? trace.race)
        case .release(let release):
            return release.record(
                topic: topics.releases, key: release.key, id: "\(release.baton)/\(release.status.rawValue)",
                source: captainSource, subject: release.baton.description, time: now, trace: release.trace,
                partition: 0)
        }
    }
}
