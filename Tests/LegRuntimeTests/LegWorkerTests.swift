// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations
import Synchronization
import Testing

@testable import LegRuntime

@Suite("Leg worker on a broker", .serialized, .timeLimit(.minutes(2)))
struct LegWorkerTests {
    @Test("An assignment becomes exactly one handoff, with its journal, usage and progress")
    func oneHandoff() async throws {
        try await Bench.with { bench in
            let wasHeard = Flag()
            let work = ScriptedWork { _, context in
                context.progress(0.5, "half")
                context.journal("took the short way")
                context.use(.cpuSeconds, 2)
                await wasHeard.wait()
                return Sample.results()
            }
            let worker = try bench.worker("one", work)
            try await bench.running(worker) {
                try await bench.assign(Sample.assignment(1))
                _ = try await bench.read(bench.topics.progress) { !$0.isEmpty }
                wasHeard.set()
                let handoffs = try await bench.handoffs(1)
                #expect(handoffs.map(\.outcome) == [.completed])
                #expect(handoffs.first?.worker == "one")
                #expect(handoffs.first?.results == Sample.results())
            }
            #expect(try await bench.handoffs(1).count == 1)
            let journal = try await bench.read(bench.topics.journal) { !$0.isEmpty }
            let reasons = try journal.map { try JournalEntry.read($0.cloudEvent()).reason }
            #expect(reasons == ["took the short way"])
            let usage = try await bench.read(bench.topics.usage) { !$0.isEmpty }
            let amounts = try usage.map { try Usage.read($0.cloudEvent()).amount }
            #expect(amounts == [2])
            #expect(work.performed.count == 1)
        }
    }

    @Test("Failed and refused work is handed off with its reason")
    func failures() async throws {
        try await Bench.with { bench in
            let work = ScriptedWork { assignment, context in
                context.learn(Sample.results("learned"))
                if assignment.baton == Sample.baton(1) { throw WorkFailure(reason: "no", retryable: false) }
                throw WorkRefused(reason: "never")
            }
            try await bench.running(bench.worker("one", work)) {
                try await bench.assign(Sample.assignment(1), Sample.assignment(2))
                let handoffs = try await bench.handoffs(2).sorted { $0.outcome.rawValue < $1.outcome.rawValue }
                #expect(handoffs.map(\.outcome) == [.failed, .refused])
                #expect(handoffs.map(\.reason) == ["no", "never"])
                #expect(handoffs.first?.results == Sample.results("learned"))
            }
        }
    }

    @Test("Two workers share the partitions")
    func sharing() async throws {
        try await Bench.with { bench in
            let (first, second) = (
                try bench.worker("first", ScriptedWork()), try bench.worker("second", ScriptedWork())
            )
            try await bench.running(first, second) {
                var number = 0
                var workers: Set<String> = []
                while workers.count < 2 {
                    number += 8
                    for baton in number - 8..<number { try await bench.assign(Sample.assignment(baton)) }
                    workers = Set(try await bench.handoffs(number).map(\.worker))
                }
                let handoffs = try await bench.handoffs(number)
                #expect(Set(handoffs.map(\.key)).count == number)
            }
        }
    }

    @Test("Work that was stopped before its end is done again by another worker, and handed off once")
    func redone() async throws {
        try await Bench.with { bench in
            let stuck = ScriptedWork { _, _ in try await untilCancelled() }
            try await bench.running(bench.worker("stuck", stuck)) {
                try await bench.assign(Sample.assignment(1))
                _ = await stuck.nextCall()
            }
            #expect(stuck.performed.count == 1)
            try await bench.running(bench.worker("healthy", ScriptedWork())) {
                let handoffs = try await bench.handoffs(1)
                #expect(handoffs.map(\.worker) == ["healthy"])
            }
            #expect(try await bench.handoffs(1).count == 1)
        }
    }

    @Test("Work finished above unfinished work does not run again after a restart")
    func finishedAbove() async throws {
        try await Bench.with { bench in
            let first = ScriptedWork { assignment, _ in
                assignment.baton == Sample.baton(1) ? try await untilCancelled() : Results()
            }
            try await bench.running(bench.worker("before", first)) {
                try await bench.assign(Sample.assignment(1), Sample.assignment(2), Sample.assignment(3), partition: 0)
                _ = try await bench.handoffs(2)
            }
            let second = ScriptedWork()
            try await bench.running(bench.worker("after", second)) { _ = try await bench.handoffs(3) }
            #expect(second.performed == [Sample.assignment(1).key])
            #expect(Set(try await bench.handoffs(3).map(\.key)).count == 3)
        }
    }

    @Test("An attempt for the fallback lane cancels the primary's work, which says that it was dropped")
    func takeover() async throws {
        try await Bench.with { bench in
            let cancelled = Flag()
            let slow = ScriptedWork { _, _ in
                defer { cancelled.set() }
                return try await untilCancelled()
            }
            let fallback = ScriptedWork()
            let workers = (try bench.worker("p", slow), try bench.worker("f", lane: .fallback, fallback))
            try await bench.running(workers.0, workers.1) {
                try await bench.assign(Sample.assignment(1))
                _ = await slow.nextCall()
                try await bench.assign(Sample.assignment(1, attempt: 2, lane: .fallback))
                await cancelled.wait()
                let handoffs = try await bench.handoffs(2).sorted { $0.attempt < $1.attempt }
                #expect(handoffs.map(\.lane) == [.primary, .fallback])
                #expect(handoffs.map(\.outcome) == [.failed, .completed])
            }
            #expect(fallback.performed == [Sample.assignment(1, attempt: 2).key])
            #expect(try await bench.handoffs(2).count == 2)
        }
    }

    @Test("Work that is called off ends in either lane, and hands off what it used", arguments: RaceLane.allCases)
    func withdrawn(lane: RaceLane) async throws {
        try await Bench.with { bench in
            let slow = ScriptedWork { _, context in
                context.use(.cpuSeconds, 2)
                return try await untilCancelled()
            }
            try await bench.running(bench.worker("w", lane: lane, slow)) {
                try await bench.assign(Sample.assignment(1, lane: lane))
                _ = await slow.nextCall()
                var order = Sample.assignment(1, attempt: 2, lane: lane)
                order.withdrawal = .init(reason: "cancelled: ann")
                try await bench.assign(order)
                let handoff = try #require(try await bench.handoffs(1).first)
                #expect(handoff.key == Sample.assignment(1).key)
                #expect((handoff.outcome, handoff.retryable) == (.failed, false))
                #expect(handoff.reason == "ended, because it was called off (cancelled: ann)")
                #expect(handoff.usage.map(\.amount) == [2])
            }
            #expect(slow.performed.count == 1)
        }
    }

    @Test("Work that waits for what somebody has to mend keeps no other from its slot")
    func heldUp() async throws {
        try await Bench.with { bench in
            let mended = Flag()
            let work = ScriptedWork { assignment, context in
                guard assignment.baton == Sample.baton(1) else { return Sample.results() }
                context.heldUp("the ledger is broken")
                await mended.wait()
                return Sample.results()
            }
            let context = try bench.context("one", environment: ["RELAY_PIPELINE_WORK_LIMIT": "1"])
            try await bench.running(LegWorker(context: context, work: work, topics: bench.topics)) {
                try await bench.assign(Sample.assignment(1), Sample.assignment(2), partition: 0)
                #expect(try await bench.handoffs(1).map(\.baton) == [Sample.baton(2)])
                let progress = try await bench.read(bench.topics.progress) { !$0.isEmpty }
                #expect(try Progress.read(progress[0].cloudEvent()).isHeldUp == true)
                mended.set()
                _ = try await bench.handoffs(2)
            }
        }
    }

    @Test("A record that cannot be read goes to the dead letters once, and what follows is done")
    func poison() async throws {
        try await Bench.with { bench in
            let topic = bench.topics.leg(.pipeline)
            try await bench.write([
                ProducerRecord(topic: topic, partition: 0, key: [1], value: Array("not an event".utf8))
            ])
            try await bench.assign(Sample.assignment(7, duty: .build), partition: 0)
            try await bench.running(bench.worker("one", ScriptedWork())) { _ = try await bench.handoffs(1) }
            try await bench.running(bench.worker("two", ScriptedWork())) {
                try await bench.assign(Sample.assignment(8), partition: 0)
                _ = try await bench.handoffs(2)
            }
            let letters = try await bench.read(bench.topics.deadLetters) { !$0.isEmpty }
            #expect(letters.count == 1)
            #expect(letters.first?.value == Array("not an event".utf8))
            #expect(letters.first?.headers.contains(KafkaHeader(name: "relay_topic", text: topic)) == true)
        }
    }

    @Test("More work than may run at once is all done")
    func limits() async throws {
        try await Bench.with { bench in
            let context = try bench.context("one", environment: ["RELAY_PIPELINE_WORK_LIMIT": "2"])
            let worker = try LegWorker(context: context, work: ScriptedWork(), topics: bench.topics)
            try await bench.write((0..<600).map { Sample.record(Sample.assignment($0)) })
            try await bench.running(worker) {
                let handoffs = try await bench.handoffs(600)
                #expect(Set(handoffs.map(\.key)).count == 600)
            }
            #expect(try await bench.handoffs(600).count == 600)
        }
    }
}

/// A flag that can be waited for.
final class Flag: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    func set() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}
