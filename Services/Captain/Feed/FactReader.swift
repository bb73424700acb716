// SPDX-License-Identifier: Apache-2.0

import Baton
import CaptainView
import Kafka
import LegRuntime
import Logging

/// Turns records of the topics that the view follows into facts.
struct FactReader: Sendable {
    let topics: Topics
    let logger: Logger

    /// The facts of a batch, of states only each baton's newest; what cannot be read is logged and left out: a view
    /// decides nothing.
    func facts(_ records: [ConsumerRecord]) -> [RaceView.Fact] {
        let newest = newestStates(records)
        return records.indices.compactMap { index in
            let record = records[index]
            guard record.value != nil, record.topic != topics.batons || newest.contains(index) else { return nil }
            do {
                return try fact(record)
            } catch {
                logger.debug(
                    "a record cannot be shown",
                    metadata: [
                        "topic": "\(record.topic)", "partition": "\(record.partition)", "offset": "\(record.offset)",
                        "problems": "\(error)",
                    ])
                return nil
            }
        }
    }

    /// Each state is the whole of it, so that one which another of the batch replaces need not be read.
    private func newestStates(_ records: [ConsumerRecord]) -> Set<Int> {
        var newest: [[UInt8]?: Int] = [:]
        for (index, record) in records.enumerated() where record.topic == topics.batons && record.value != nil {
            newest[record.key] = index
        }
        return Set(newest.values)
    }

    private func fact(_ record: ConsumerRecord) throws(Refusal) -> RaceView.Fact? {
        switch record.topic {
        case topics.batons: .state(try .read(record.cloudEvent()))
        case topics.progress: .progress(try .read(record.cloudEvent()))
        case topics.journal: .journal(try .read(record.cloudEvent()))
        case topics.signals: .signal(try .read(record.cloudEvent()))
        // How far a router is with its answers says nothing that is shown.
        case topics.predictions where record.isEvent(RouterMark.eventType): nil
        case topics.predictions: .prediction(try JSON.decode(SeenPrediction.self, from: record.value ?? []))
        default: nil
        }
    }
}
