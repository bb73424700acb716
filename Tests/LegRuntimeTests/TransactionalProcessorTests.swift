// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations
import Synchronization
import TestSupport
import Testing

@testable import LegRuntime

@Suite("Transactional processor and follower on a broker", .serialized, .timeLimit(.minutes(2)))
struct TransactionalProcessorTests {
    private func processor(
        _ bench: Bench, _ instance: String, _ counting: Counting, tick: Duration? = nil
    ) throws -> TransactionalProcessor {
        try TransactionalProcessor(
            context: bench.context(instance, service: "captain"), name: "counter", topics: [bench.topics.inbox],
            group: bench.topics.captainGroup, tick: tick, processor: counting)
    }

    private func inbox(_ bench: Bench, _ numbers: Range<Int>) async throws {
        try await bench.write(
            numbers.map {
                ProducerRecord(topic: bench.topics.inbox, key: Array("k\($0)".utf8), value: Array("\($0)".utf8))
            })
    }

    @Test("Every record is folded into outputs once, over a restart too")
    func once() async throws {
        try await Bench.with { bench in
            for (instance, range) in [("a", 0..<50), ("b", 50..<100)] {
                try await inbox(bench, range)
                let counting = Counting(bench.topics.batons)
                try await bench.running(processor(bench, instance, counting)) {
                    _ = try await bench.read(bench.topics.batons) { $0.count >= range.upperBound }
                }
                #expect(counting.state.settled == range.count)
                #expect(counting.state.owned == 0)
                #expect(counting.state.restored == 8)
            }
            let values = try await bench.read(bench.topics.batons) { _ in true }.map { $0.value ?? [] }
            #expect(values.count == 100)
            #expect(Set(values).count == 100)
        }
    }

    @Test("A transaction that is aborted is told to the processor, and its records come again")
    func aborted() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<20)
            // The first batch's output is larger than any broker accepts.
            let counting = Counting(bench.topics.batons, spoiledBatches: 1)
            try await bench.running(processor(bench, "a", counting)) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 20 }
            }
            #expect(counting.state.aborted == 1)
            #expect(counting.state.settled == 20)
            let values = try await bench.read(bench.topics.batons) { _ in true }.map { $0.value ?? [] }
            #expect(Set(values).count == 20)
            #expect(values.count == 20)
        }
    }

    @Test("A batch that leads to nothing is processed once, and its offsets are committed after a while")
    func passedOver() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<20)
            let counting = Counting(bench.topics.batons, isSilent: true)
            let partitions = (0..<8).map { TopicPartition(topic: bench.topics.inbox, partition: $0) }
            let admin = try KafkaAdmin(bench.context("look").kafka, logger: Bench.silent)
            try await bench.running(processor(bench, "a", counting)) {
                _ = try await eventually(within: .seconds(20), "everything is committed") {
                    let lag = try await admin.lag(group: bench.topics.captainGroup, partitions: partitions)
                    return lag.allSatisfy { $0.offsets == 0 } ? true : nil
                }
            }
            await admin.close()
            #expect(counting.state.settled == 20)
            #expect(counting.state.aborted == 0)
        }
    }

    @Test("What a processor holds back waits, nothing of it is committed, and all of it comes once it is let go")
    func heldBack() async throws {
        try await Bench.with { bench in
            let held = TopicPartition(topic: bench.topics.inbox, partition: 3)
            let counting = Counting(bench.topics.batons)
            counting.hold([held])
            func write(_ numbers: Range<Int>) async throws {
                try await bench.write(
                    numbers.map {
                        ProducerRecord(
                            topic: bench.topics.inbox, partition: Int32($0 % 2 == 0 ? 3 : 4), key: [1],
                            value: Array("\($0)".utf8))
                    })
            }
            try await bench.running(processor(bench, "a", counting)) {
                try await write(0..<20)
                let first = try await bench.read(bench.topics.batons) { $0.count >= 10 }
                #expect(
                    first.compactMap { Int(String(decoding: $0.value ?? [], as: UTF8.self)) }.allSatisfy { $0 % 2 == 1 }
                )
                try await write(20..<30)
                #expect(try await bench.read(bench.topics.batons) { $0.count >= 15 }.count == 15)
                counting.hold([])
                let all = try await bench.read(bench.topics.batons) { $0.count >= 30 }
                #expect(Set(all.map { $0.value ?? [] }).count == 30)
                #expect(all.count == 30)
            }
        }
    }

    @Test("Time alone is processed at least as often as the tick")
    func ticks() async throws {
        try await Bench.with { bench in
            let counting = Counting(bench.topics.batons, tickOutputs: true)
            try await bench.running(processor(bench, "a", counting, tick: .milliseconds(20))) {
                _ = try await bench.read(bench.topics.batons) { $0.count >= 5 }
            }
        }
    }

    @Test("A processor that says itself that it cannot go on ends the service with its name")
    func throwing() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<1)
            let counting = Counting(bench.topics.batons, fails: true)
            let error = await #expect(throws: ProcessorFailure.self) {
                try await processor(bench, "a", counting).run()
            }
            #expect(error?.processor == "counter")
        }
    }

    @Test("A follower gives everything from the beginning, says when it has caught up, and goes on")
    func follower() async throws {
        try await Bench.with { bench in
            try await inbox(bench, 0..<30)
            let (records, record) = AsyncStream.makeStream(of: Int.self)
            let caughtUp = Flag()
            let context = try bench.context("view")
            let follower = TopicFollower(
                context: context, topics: [bench.topics.inbox], from: .beginning,
                each: { for _ in $0 { record.yield(1) } }, caughtUp: { caughtUp.set() })
            try await bench.running(follower) {
                await caughtUp.wait()
                #expect(context.readiness.isReady)
                try await inbox(bench, 30..<40)
                var count = 0
                for await _ in records {
                    count += 1
                    if count == 40 { break }
                }
            }
        }
    }
}

/// Writes each record's value on, and keeps count.
private final class Counting: RecordProcessor {
    struct Counts {
        var restored = 0
        var owned = 0
        var pending = 0
        var settled = 0
        var aborted = 0
        var batches = 0
    }

    private struct Failure: DiagnosedError {
        let reason = "broken"
        let remedy = "mend it"
    }

    private let output: String
    private let spoiledBatches: Int
    private let tickOutputs: Bool
    private let fails: Bool
    private let isSilent: Bool
    private let counts = Mutex(Counts())
    private let held = Mutex<Set<TopicPartition>>([])

    init(
        _ output: String, spoiledBatches: Int = 0, tickOutputs: Bool = false, fails: Bool = false,
        isSilent: Bool = false
    ) {
        self.output = output
        self.spoiledBatches = spoiledBatches
        self.tickOutputs = tickOutputs
        self.fails = fails
        self.isSilent = isSilent
    }

    var state: Counts { counts.withLock { $0 } }

    var heldBack: Set<TopicPartition> { held.withLock { $0 } }

    func hold(_ partitions: Set<TopicPartition>) { held.withLock { $0 = partitions } }

    func assigned(_ partitions: [TopicPartition]) async throws {
        counts.withLock {
            $0.restored += partitions.count
            $0.owned += partitions.count
        }
    }

    func revoked(_ partitions: [TopicPartition]) async { counts.withLock { $0.owned -= partitions.count } }

    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs {
        if fails { throw Failure() }
        let batch = counts.withLock { counts in
            counts.batches += 1
            counts.pending = records.count
            return counts.batches
        }
        if tickOutputs { return Outputs([ProducerRecord(topic: output, key: [1], value: Array("tick".utf8))]) }
        if isSilent { return Outputs() }
        var outputs = Outputs(
            late: records.map { record in
                LateRecord(topic: output) { [output] in
                    ProducerRecord(topic: output, key: record.key, value: record.value)
                }
            })
        if batch <= spoiledBatches {
            let spoiled = Array(repeating: UInt8(0), count: 2_000_000)
            outputs.records.append(ProducerRecord(topic: output, key: [1], value: spoiled))
        }
        return outputs
    }

    func settle(committed: Bool) async {
        counts.withLock { counts in
            if committed { counts.settled += counts.pending } else { counts.aborted += 1 }
            counts.pending = 0
        }
    }
}
