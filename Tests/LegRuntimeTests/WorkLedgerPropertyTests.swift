// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import TestSupport
import Testing

@testable import LegRuntime

@Suite("Work ledger, any order of events")
struct WorkLedgerPropertyTests {
    typealias Ledger = WorkLedger<AttemptKey>

    /// A leg's topic with one partition, a group's committed offset, and a worker that may crash at any moment.
    struct World {
        let partition = TopicPartition(topic: "legs", partition: 0)
        let log: [(offset: Int64, assignment: Assignment)]
        var random: SeededGenerator
        var committed: CommittedOffset?
        /// Every committed handoff.
        var handedOff: [AttemptKey] = []
        var ledger = Ledger(lane: .primary)
        var next = 0
        var runs: [Ledger.WorkID: AttemptKey] = [:]

        init(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            var attempts: [Int: Int] = [:]
            var offset: Int64 = 0
            log = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                let number = Int.random(in: 0..<8, using: &random)
                attempts[number, default: 0] += 1
                offset += Int64.random(in: 1...3, using: &random)
                let lane: RaceLane = Bool.random(using: &random) ? .primary : .fallback
                return (offset, Sample.assignment(number, attempt: attempts[number] ?? 1, lane: lane))
            }
            self.random = random
            restart()
        }

        mutating func restart() {
            ledger = Ledger(lane: .primary, limits: .init(running: 3, waiting: 6, offsetTextBytes: 60))
            _ = ledger.assign(partition, committed: committed)
            let start = committed?.offset ?? 0
            next = log.firstIndex { $0.offset >= start } ?? log.count
            runs = [:]
        }

        mutating func step() {
            switch Int.random(in: 0..<20, using: &random) {
            case 0: restart()
            case 1: revoke()
            case 2..<9: read()
            case 9..<13: if let start = ledger.startNext() { runs[start.id] = start.assignment.key }
            case 13..<17: end()
            default: commit(succeeds: Int.random(in: 0..<4, using: &random) > 0)
            }
        }

        var isDone: Bool { next == log.count && runs.isEmpty && ledger.queued == 0 && !ledger.hasHandoff }

        mutating func read() {
            guard next < log.count else { return }
            let place = Ledger.Place(partition: partition, offset: log[next].offset)
            guard ledger.hasRoom(for: place) else { return }
            _ = ledger.take(log[next].assignment, at: place)
            next += 1
        }

        mutating func end() {
            guard let id = runs.keys.sorted().randomElement(using: &random), let key = runs.removeValue(forKey: id)
            else {
                return
            }
            _ = ledger.end(id, key)
        }

        mutating func revoke() {
            _ = ledger.revoke([partition])
            _ = ledger.assign(partition, committed: committed)
            next = log.firstIndex { $0.offset >= committed?.offset ?? 0 } ?? log.count
        }

        mutating func commit(succeeds: Bool) {
            guard let batch = ledger.beginHandoff(isSweep: Bool.random(using: &random)) else { return }
            ledger.endHandoff(batch, committed: succeeds)
            guard succeeds else { return }
            handedOff += batch.outputs
            committed = batch.offsets.first
        }
    }

    @Test(
        "Each attempt is handed off at most once, and the newest of each duty exactly once if it is ours",
        arguments: 0..<300)
    func exactlyOnce(_ seed: UInt64) {
        var world = World(seed: seed)
        var steps = 0
        while !world.isDone, steps < 20_000 {
            world.step()
            steps += 1
        }
        #expect(world.isDone, "everything comes to an end")
        #expect(Set(world.handedOff).count == world.handedOff.count)
        var newest: [BatonID: Assignment] = [:]
        for entry in world.log { newest[entry.assignment.baton] = entry.assignment }
        for assignment in newest.values where assignment.lane == .primary {
            #expect(world.handedOff.contains(assignment.key))
        }
        #expect(
            world.handedOff.allSatisfy { key in
                world.log.contains { $0.assignment.key == key && $0.assignment.lane == .primary }
            })
        let end = world.log.last.map { $0.offset + 1 }
        #expect(world.committed?.offset == end)
    }
}
