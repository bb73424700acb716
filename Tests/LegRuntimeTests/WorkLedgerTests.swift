// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import LegRuntime

@Suite("Work ledger")
struct WorkLedgerTests {
    typealias Ledger = WorkLedger<String>
    private let partition = TopicPartition(topic: "legs", partition: 3)

    private func ledger(_ lane: RaceLane = .primary, running: Int = 4, waiting: Int = 256) -> Ledger {
        var ledger = Ledger(lane: lane, limits: .init(running: running, waiting: waiting))
        _ = ledger.assign(partition, committed: nil)
        return ledger
    }

    private func place(_ offset: Int64) -> Ledger.Place { .init(partition: partition, offset: offset) }

    /// Hands off everything and returns what was written and the offset with its text.
    private func handOff(_ ledger: inout Ledger) -> (outputs: [String], offset: Int64?, text: String?) {
        guard let batch = ledger.beginHandoff() else { return ([], nil, nil) }
        ledger.endHandoff(batch, committed: true)
        return (batch.outputs, batch.offsets.first?.offset, batch.offsets.first?.metadata)
    }

    private func started(_ ledger: inout Ledger) throws -> Ledger.Start {
        let start = ledger.startNext()
        return try #require(start)
    }

    private func begun(_ ledger: inout Ledger) throws -> Ledger.Batch {
        let batch = ledger.beginHandoff()
        return try #require(batch)
    }

    @Test("Work of the own lane waits, runs and is handed off with its offset")
    func oneWork() throws {
        var ledger = ledger()
        check(ledger.take(Sample.assignment(1), at: place(5)).arrival, .waits)
        check(ledger.beginHandoff() == nil, true)
        let start = try started(&ledger)
        #expect(start.assignment == Sample.assignment(1))
        check(ledger.beginHandoff() == nil, true)
        let hasHandoff = ledger.end(start.id, "done")
        #expect(hasHandoff)
        let written = handOff(&ledger)
        #expect(written.outputs == ["done"])
        #expect(written.offset == 6)
        #expect(!ledger.hasHandoff)
    }

    @Test("Offsets alone wait for a sweep, or go along with a result")
    func swept() throws {
        var ledger = ledger()
        _ = ledger.take(Sample.assignment(1), at: place(0))
        _ = ledger.take(Sample.assignment(2, lane: .fallback), at: place(1))
        #expect(ledger.hasMoved)
        check(ledger.beginHandoff(isSweep: false) == nil, true)
        let start = try started(&ledger)
        _ = ledger.end(start.id, "done")
        let batch = ledger.beginHandoff(isSweep: false)
        #expect(batch?.offsets.first?.offset == 2)
        #expect(!ledger.hasMoved)
    }

    @Test("Work of the other lane is finished at once and commits an offset alone")
    func elsewhere() {
        var ledger = ledger(.fallback)
        check(ledger.take(Sample.assignment(1), at: place(0)).arrival, .elsewhere)
        check(ledger.startNext(), nil)
        let written = handOff(&ledger)
        #expect(written.outputs.isEmpty)
        #expect(written.offset == 1)
    }

    @Test("No more runs at once than the limit, superseded work that has not ended included")
    func limit() throws {
        var ledger = ledger(running: 2)
        for number in 0..<3 { _ = ledger.take(Sample.assignment(number), at: place(Int64(number))) }
        let first = try started(&ledger)
        _ = try started(&ledger)
        check(ledger.startNext(), nil)
        _ = ledger.take(Sample.assignment(0, attempt: 2, lane: .fallback), at: place(3))
        check(ledger.startNext(), nil)
        _ = ledger.end(first.id, "late")
        check(ledger.startNext() != nil, true)
    }

    @Test("A newer attempt in the other lane cancels running work, which still says what it came to")
    func supersedeRunning() throws {
        var ledger = ledger()
        _ = ledger.take(Sample.assignment(1), at: place(0))
        let start = try started(&ledger)
        let taken = ledger.take(Sample.assignment(1, attempt: 2, lane: .fallback), at: place(1))
        #expect(taken.arrival == .elsewhere)
        #expect(taken.superseded == [start.id])
        #expect(!ledger.counts(start.id))
        #expect(ledger.drop(of: start.id) == .superseded)
        #expect(ledger.occupiesSlot(start.id))
        let before = handOff(&ledger)
        #expect(before.outputs.isEmpty)
        #expect(before.offset == 0)
        _ = ledger.end(start.id, "dropped")
        let written = handOff(&ledger)
        #expect(written.outputs == ["dropped"])
        #expect(written.offset == 2)
    }

    @Test("A newer attempt in the own lane takes the place of waiting work")
    func supersedeWaiting() throws {
        var ledger = ledger()
        _ = ledger.take(Sample.assignment(1), at: place(0))
        let taken = ledger.take(Sample.assignment(1, attempt: 2), at: place(1))
        #expect(taken.arrival == .waits)
        #expect(taken.superseded.isEmpty)
        check(ledger.startNext()?.assignment.attempt, 2)
        check(ledger.startNext(), nil)
    }

    @Test("Running work that is called off is cancelled, and still says what it used")
    func withdrawRunning() throws {
        var ledger = ledger()
        let assignment = Sample.assignment(1)
        _ = ledger.take(assignment, at: place(0))
        let start = try started(&ledger)
        let next = AttemptKey(baton: assignment.baton, duty: assignment.duty, attempt: 2)
        let withdrawn = ledger.withdraw(next, because: "cancelled", at: place(1))
        #expect(withdrawn == .init(running: [start.id]))
        #expect(ledger.drop(of: start.id) == .withdrawn("cancelled"))
        _ = ledger.end(start.id, "used 1 s")
        let written = handOff(&ledger)
        #expect(written.outputs == ["used 1 s"])
        #expect(written.offset == 2)
    }

    @Test("Waiting work that is called off is never started, and answered at once")
    func withdrawWaiting() throws {
        var ledger = ledger()
        let assignment = Sample.assignment(1)
        _ = ledger.take(assignment, at: place(0))
        let next = AttemptKey(baton: assignment.baton, duty: assignment.duty, attempt: 2)
        let withdrawn = ledger.withdraw(next, because: "cancelled", at: place(1))
        #expect(withdrawn.unstarted.map(\.assignment) == [assignment])
        check(ledger.startNext(), nil)
        #expect(ledger.end(try #require(withdrawn.unstarted.first).id, "nothing used"))
        let written = handOff(&ledger)
        #expect(written.outputs == ["nothing used"])
        #expect(written.offset == 2)
    }

    @Test("A withdrawal that meets nothing finishes its own record", arguments: [1, 3])
    func withdrawNothing(attempt: Int) throws {
        var ledger = ledger()
        _ = ledger.take(Sample.assignment(1, attempt: 3), at: place(0))
        let start = try started(&ledger)
        let assignment = start.assignment
        let old = AttemptKey(baton: assignment.baton, duty: assignment.duty, attempt: attempt)
        #expect(ledger.withdraw(old, because: "cancelled", at: place(1)) == .init())
        #expect(ledger.counts(start.id))
        _ = ledger.end(start.id, "done")
        #expect(handOff(&ledger).offset == 2)
    }

    @Test("A newer attempt leaves results that are there already to the captain's judgement")
    func supersedeReady() throws {
        var ledger = ledger()
        for number in 1...2 { _ = ledger.take(Sample.assignment(number), at: place(Int64(number))) }
        let first = try started(&ledger)
        let second = try started(&ledger)
        _ = ledger.end(first.id, "in the transaction")
        let batch = try begun(&ledger)
        _ = ledger.end(second.id, "waits for its handoff")
        for number in 1...2 {
            _ = ledger.take(Sample.assignment(number, attempt: 2, lane: .fallback), at: place(Int64(number) + 2))
        }
        ledger.endHandoff(batch, committed: true)
        #expect(batch.outputs == ["in the transaction"])
        let written = handOff(&ledger)
        #expect(written.outputs == ["waits for its handoff"])
        #expect(written.offset == 5)
    }

    @Test("An older or equal attempt of known work is nothing, and so is another duty's attempt not mixed up with it")
    func stale() {
        var ledger = ledger()
        _ = ledger.take(Sample.assignment(1, attempt: 2), at: place(0))
        check(ledger.take(Sample.assignment(1, attempt: 1), at: place(1)).arrival, .nothing)
        check(ledger.take(Sample.assignment(1, attempt: 2), at: place(2)).arrival, .nothing)
        check(ledger.take(Sample.assignment(1, attempt: 1, duty: .watch), at: place(3)).arrival, .waits)
    }

    @Test("A transaction that did not happen leaves its outputs for the next one, in order")
    func aborted() throws {
        var ledger = ledger()
        for number in 1...2 { _ = ledger.take(Sample.assignment(number), at: place(Int64(number))) }
        let (first, second) = try (started(&ledger), started(&ledger))
        _ = ledger.end(first.id, "first")
        let batch = try begun(&ledger)
        check(ledger.beginHandoff() == nil, true)
        _ = ledger.end(second.id, "second")
        ledger.endHandoff(batch, committed: false)
        let written = handOff(&ledger)
        #expect(written.outputs == ["first", "second"])
        #expect(written.offset == 3)
    }

    @Test("Work of a revoked partition is cancelled and its late result is dropped")
    func revoked() throws {
        var ledger = ledger()
        for number in 1...2 { _ = ledger.take(Sample.assignment(number), at: place(Int64(number))) }
        let (first, second) = try (started(&ledger), started(&ledger))
        _ = ledger.end(first.id, "not handed off")
        check(ledger.revoke([partition]), [second.id])
        let late = ledger.end(second.id, "late")
        #expect(!late)
        check(ledger.beginHandoff() == nil, true)
        // It comes back at the committed offset, and everything is taken anew.
        _ = ledger.assign(partition, committed: CommittedOffset(topicPartition: partition, offset: 1, metadata: "1:"))
        check(ledger.take(Sample.assignment(1), at: place(1)).arrival, .waits)
        check(ledger.startNext()?.id != first.id, true)
    }

    @Test("Work that was stopped leaves its record unfinished")
    func stopped() throws {
        var ledger = ledger()
        for number in 1...2 { _ = ledger.take(Sample.assignment(number), at: place(Int64(number))) }
        let (first, second) = try (started(&ledger), started(&ledger))
        check(ledger.stopTaking(), [first.id, second.id])
        _ = ledger.end(first.id, nil)
        _ = ledger.end(second.id, "done")
        let written = handOff(&ledger)
        #expect(written.outputs == ["done"])
        #expect(written.offset == 1)
        #expect(written.text == "1:1-1")
        #expect(!ledger.hasRoom(for: place(3)))
    }

    @Test("A record that cannot be read goes out with its offset")
    func unreadable() {
        var ledger = ledger()
        ledger.takeUnreadable("letter", at: place(0))
        let written = handOff(&ledger)
        #expect(written.outputs == ["letter"])
        #expect(written.offset == 1)
    }

    @Test("There is no room beyond the limit of waiting work, nor in a partition that is not ours")
    func room() {
        var ledger = ledger(waiting: 1)
        #expect(ledger.hasRoom(for: place(0)))
        _ = ledger.take(Sample.assignment(1), at: place(0))
        #expect(!ledger.hasRoom(for: place(1)))
        #expect(!ledger.hasRoom(for: .init(partition: .init(topic: "legs", partition: 4), offset: 0)))
    }

    @Test("A map of another version is reported, and the work above the offset is done again")
    func otherVersion() {
        var ledger = ledger()
        let offset = CommittedOffset(topicPartition: partition, offset: 4, metadata: "9:1-2")
        check(ledger.assign(partition, committed: offset), false)
        check(ledger.take(Sample.assignment(1), at: place(5)).arrival, .waits)
    }
}
