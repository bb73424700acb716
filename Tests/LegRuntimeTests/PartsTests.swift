// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations
import Synchronization
import Testing

@testable import LegRuntime

@Suite("Parts of the runtime", .timeLimit(.minutes(1)))
struct PartsTests {
    @Test("Every name that brokers are asked about begins with the prefix: a rule by prefix covers it")
    func names() throws {
        let context = try Bench(bootstrap: "127.0.0.1:1", logger: Bench.silent).context(
            "one", service: "deploy", environment: ["RELAY_TOPIC_PREFIX": "team."])
        #expect(context.kafka.readerGroup == "team.deploy.reader")
        #expect(context.transactionalID("2") == "team.deploy.primary.one.2")
    }

    @Test("Progress is reported soon and repeated while the pool of tasks is blocked")
    func progress() async {
        let reporter = ProgressReporter(interval: .milliseconds(10))
        reporter.start()
        let (reports, continuation) = AsyncStream.makeStream(of: Int.self)
        reporter.begin(1) { continuation.yield(1) }
        var seen = 0
        for await _ in reports {
            seen += 1
            if seen == 5 { break }
        }
        reporter.end(1)
        reporter.begin(2) { continuation.finish() }
        reporter.stop()
    }

    @Test("Work that ends before its first report is never reported")
    func shortWork() async {
        let reporter = ProgressReporter(interval: .seconds(10))
        reporter.start()
        let (reports, continuation) = AsyncStream.makeStream(of: Int.self)
        reporter.begin(1) { continuation.yield(1) }
        reporter.begin(2) { continuation.yield(2) }
        reporter.end(1)
        var first = reports.makeAsyncIterator()
        #expect(await first.next() == 2)
        reporter.stop()
    }

    @Test("The gate lets one through at a time")
    func gate() async {
        let gate = TransactionGate()
        let inside = Mutex((now: 0, most: 0, passed: 0))
        let counter = Counters(inside)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await gate.pass {
                        counter.enter()
                        await Task.yield()
                        counter.leave()
                    }
                }
            }
        }
        #expect(counter.result == [0, 1, 50])
    }

    private final class Counters: Sendable {
        private let state: Mutex<(now: Int, most: Int, passed: Int)>
        init(_ state: consuming Mutex<(now: Int, most: Int, passed: Int)>) { self.state = state }
        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
                $0.passed += 1
            }
        }
        func leave() { state.withLock { $0.now -= 1 } }
        var result: [Int] { state.withLock { [$0.now, $0.most, $0.passed] } }
    }

    @Test(
        "Owned offsets: a batch moves its partitions, a tick sends all as they are, a rewind goes to what is committed")
    func ownedOffsets() {
        let (first, second) = (TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1))
        let offsets = OwnedOffsets()
        #expect(!offsets.isOwner)
        offsets.begin([first, second], committed: [CommittedOffset(topicPartition: first, offset: 5)])
        #expect(offsets.after([]).map(\.offset) == [5, 0])
        #expect(offsets.starts == [first: .offset(5), second: .beginning])
        let record = ConsumerRecord(
            topic: "t", partition: 1, offset: 8, key: nil, value: nil, timestampMilliseconds: 0)
        let next = offsets.after([record])
        #expect(next == [CommittedOffset(topicPartition: second, offset: 9)])
        offsets.move(to: next)
        #expect(offsets.starts[second] == .offset(9))
        offsets.end([first])
        #expect(offsets.after([]).map(\.topicPartition) == [second])
    }

    @Test("Owned offsets: what was passed over is committed with the next batch, and a rewind does not repeat it")
    func passedOffsets() {
        let (first, second) = (TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1))
        func record(_ place: TopicPartition, _ offset: Int64) -> ConsumerRecord {
            ConsumerRecord(
                topic: "t", partition: place.partition, offset: offset, key: nil, value: nil, timestampMilliseconds: 0)
        }
        let offsets = OwnedOffsets()
        offsets.begin([first, second], committed: [])
        #expect(!offsets.isBehind)
        offsets.pass([record(first, 3), record(first, 4)])
        #expect(offsets.isBehind)
        #expect(offsets.starts == [first: .offset(5), second: .beginning])
        #expect(offsets.behind == [CommittedOffset(topicPartition: first, offset: 5)])
        #expect(offsets.standings(read: [:]).map(\.committed) == [0, 0])
        let next = offsets.after([record(second, 8)])
        #expect(next.map(\.offset) == [5, 9])
        #expect(offsets.after([record(first, 6)]).map(\.offset) == [7])
        offsets.move(to: next)
        #expect(!offsets.isBehind)
        #expect(offsets.behind.isEmpty)
    }

    @Test("A tick is due after its time, and records are as good as one")
    func tickOccasions() {
        let start = ContinuousClock.now
        var occasions = Occasions(tick: .milliseconds(100), sweepDelay: .milliseconds(250), now: start)
        #expect(occasions.wait(at: start + .milliseconds(40)) == .milliseconds(60))
        let ticks = [(99, false), (99, true), (198, false), (199, false)].map { milliseconds, hasRecords in
            occasions.takeTick(at: start + .milliseconds(milliseconds), hasRecords: hasRecords)
        }
        #expect(ticks == [false, false, false, true])
        #expect(occasions.wait(at: start + .milliseconds(400)) == .zero)
    }

    @Test("Where nothing is timed a tick waits for the second, and is due with the first thing that is")
    func restingOccasions() {
        let start = ContinuousClock.now
        var occasions = Occasions(tick: .milliseconds(100), sweepDelay: .milliseconds(250), now: start)
        #expect(occasions.wait(at: start, isTiming: false) == .seconds(1))
        #expect(occasions.wait(at: start + .milliseconds(40), isTiming: true) == .milliseconds(60))
        let isTick = occasions.takeTick(at: start + .seconds(1), hasRecords: false)
        #expect(isTick)
    }

    @Test("Offsets that were passed over are swept once they have waited, and not again until others wait")
    func sweepOccasions() {
        let start = ContinuousClock.now
        var occasions = Occasions(tick: nil, sweepDelay: .milliseconds(250), now: start)
        #expect(occasions.wait(at: start) == .seconds(1))
        func isSweep(_ milliseconds: Int, isBehind: Bool = true) -> Bool {
            occasions.isSweep(at: start + .milliseconds(milliseconds), isBehind: isBehind)
        }
        let first = isSweep(0)
        #expect(!first)
        #expect(occasions.wait(at: start + .milliseconds(50)) == .milliseconds(200))
        let later = [isSweep(249), isSweep(250), isSweep(300), isSweep(400, isBehind: false)]
        #expect(later == [false, true, false, false])
        #expect(occasions.wait(at: start + .milliseconds(400)) == .seconds(1))
    }

    @Test("Waiting for work that does not react to cancellation ends with it")
    func abandoned() async {
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        let waiting = Task {
            try await abandonable { await Task.detached { for await _ in never {} }.value }
        }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        end.finish()
    }

    @Test("Waiting within a limit says whether the work ended")
    func limits() async {
        #expect(await hasEnded(within: .seconds(30)) {})
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        #expect(await !hasEnded(within: .milliseconds(1)) { await Task.detached { for await _ in never {} }.value })
        end.finish()
    }

    @Test(
        "Wrong settings name their key",
        arguments: [
            ("RELAY_PIPELINE_WORK_LIMIT", "0"), ("RELAY_PROGRESS_INTERVAL", "1ms"), ("RELAY_SHUTDOWN_GRACE", "1m"),
            ("RELAY_TRANSACTION_TIMEOUT", "10ms"),
        ])
    func settings(_ key: String, _ value: String) throws {
        let configuration = try ProcessConfiguration.load(
            service: "pipeline", arguments: ["test"], environment: [key: value])
        let error = try #require(throws: ConfigurationError.self) { try LegWorkerSettings(configuration) }
        #expect(error.problems.map(\.key) == [key])
    }
}
