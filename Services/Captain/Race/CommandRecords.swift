// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

/// CloudEvents `source` of what the captain writes.
let captainSource = "relay/captain"

extension RaceCommand {
    /// The record that carries the command out.
    func record(_ topics: Topics, now: Timestamp) -> ProducerRecord {
        switch self {
        case .assign(let assignment):
            let baton = assignment.baton.description
            return assignment.record(
                topic: topics.leg(assignment.duty.leg), key: baton, id: assignment.key.description,
                source: captainSource, subject: baton, time: now)
        case .journal(let entry):
            let baton = entry.baton.description
            return entry.record(
                topic: topics.journal, key: baton, id: entry.id, source: captainSource, subject: baton, time: entry.at)
        case .release(let release):
            return release.record(
                topic: topics.releases, key: release.key, id: "\(release.baton)/\(release.status.rawValue)",
                source: captainSource, subject: release.baton.description, time: now, partition: 0)
        }
    }
}
