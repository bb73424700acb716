// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

/// The batons of one partition: what is committed, and over it what the open transaction would change.
package struct Share: Sendable {
    /// How far the captain is in the partition's progress topic.
    var progressPosition: Int64
    /// Batons whose stored state cannot be read, with the reason: nothing may be decided about them.
    private(set) var unreadable: [BatonID: String] = [:]
    /// Last signs of life by baton.
    var signs: [BatonID: SignOfLife] = [:]
    private var running: [BatonID: BatonState] = [:]
    /// Ended batons without their results: enough to know a duplicate and to answer a late handoff.
    ///
    /// All of them are kept, at some hundred bytes each; the topic's own retention bounds how many there are.
    private var ended: [BatonID: BatonState] = [:]
    /// How many of them ended how: they are asked for after each transaction, and grow without end.
    private var endings: [Phase: Int] = [:]
    private var overlay: [BatonID: BatonState] = [:]

    /// Restores from the records of the partition of the batons topic; the last one of a key counts.
    init(records: [ConsumerRecord] = [], progressPosition: Int64 = 0) {
        self.progressPosition = progressPosition
        var latest: [BatonID: ConsumerRecord] = [:]
        for record in records {
            guard let baton = record.keyText.flatMap({ BatonID($0) }) else { continue }
            latest[baton] = record.value == nil ? nil : record
        }
        for (baton, record) in latest {
            do {
                keep(try BatonState.read(record.cloudEvent()), of: baton)
            } catch {
                unreadable[baton] = "the state at \(record.topicPartition) offset \(record.offset): \(error)"
            }
        }
    }

    /// The state as the open transaction sees it.
    func state(of baton: BatonID) -> BatonState? { overlay[baton] ?? running[baton] ?? ended[baton] }

    /// Changes a state for the open transaction.
    mutating func change(_ baton: BatonID, to state: BatonState) { overlay[baton] = state }

    /// Batons that are out, as the open transaction sees them.
    var out: [BatonState] {
        running.values.filter { overlay[$0.id] == nil && !$0.hasEnded } + overlay.values.filter { !$0.hasEnded }
    }

    /// Whether there are any, found without listing them.
    var hasBatonsOut: Bool { !running.isEmpty || overlay.values.contains { !$0.hasEnded } }

    /// What the open transaction changes, by baton.
    var changed: [BatonState] { overlay.values.sorted { $0.id < $1.id } }

    /// The transaction was committed, or it was aborted and never happened.
    mutating func settle(committed: Bool) {
        if committed { for (baton, state) in overlay { keep(state, of: baton) } }
        overlay.removeAll()
    }

    /// Committed batons by phase.
    func count(into counts: inout [Phase: Int]) {
        counts[.running, default: 0] += running.count
        counts.merge(endings) { $0 + $1 }
    }

    private mutating func keep(_ state: BatonState, of baton: BatonID) {
        guard state.hasEnded else {
            running[baton] = state
            return
        }
        var rest = state
        rest.results = Results()
        rest.accepted = []
        rest.usage = []
        rest.request.parameters = nil
        running[baton] = nil
        signs[baton] = nil
        if let before = ended.updateValue(rest, forKey: baton) { endings[Phase(before), default: 0] -= 1 }
        endings[Phase(rest), default: 0] += 1
    }
}
