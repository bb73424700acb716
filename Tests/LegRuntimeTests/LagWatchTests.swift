// SPDX-License-Identifier: Apache-2.0

import Kafka
import Operations
import Synchronization
import Testing

@testable import LegRuntime

@Suite("Noticing a reader that is alive and stuck")
struct LagWatchTests {
    private let partition = TopicPartition(topic: "t", partition: 0)
    private let settings = StallSettings(after: .seconds(30), limit: .seconds(60))
    private let interval = Duration.seconds(5)

    private func standing(
        _ committed: Int64, delivered: Int64? = nil, passed: Int64 = 0, isWaiting: Bool = false
    ) -> LagWatch.Standing {
        var read = GroupConsumer.Read()
        read.delivered = delivered ?? committed
        read.passed = passed
        return LagWatch.Standing(partition: partition, committed: committed, read: read, isWaiting: isWaiting)
    }

    @Test("Standing still with something to read is a stall after the first bound, and the end after the second")
    func stalls() {
        var watch = LagWatch(settings)
        var verdicts: [LagWatch.Verdict] = []
        for _ in 0...12 { verdicts.append(watch.observe([standing(5)], ends: [partition: 9], after: interval)) }
        #expect(verdicts[5] == .moving)
        #expect(verdicts[6] == .stalled(.init(partition: partition, lag: 4, duration: .seconds(30))))
        #expect(verdicts[12] == .lost(.init(partition: partition, lag: 4, duration: .seconds(60))))
        #expect(watch.lag == ["t": 4])
    }

    @Test("Any movement begins anew, and so does having nothing to read")
    func moves() {
        var watch = LagWatch(settings)
        for step in 0..<100 {
            let committed = Int64(step / 5)
            check(watch.observe([standing(committed)], ends: [partition: 1000], after: interval), .moving)
        }
        for _ in 0..<100 { check(watch.observe([standing(1000)], ends: [partition: 1000], after: interval), .moving) }
    }

    @Test("Markers behind the last record are nothing to read once they were passed; before that they are")
    func markers() {
        var watch = LagWatch(settings)
        for _ in 0..<100 {
            check(watch.observe([standing(5, passed: 6)], ends: [partition: 6], after: interval), .moving)
        }
        #expect(watch.lag == ["t": 0])
        for _ in 0..<6 { _ = watch.observe([standing(5)], ends: [partition: 6], after: interval) }
        #expect(watch.observe([standing(5)], ends: [partition: 6], after: interval) != .moving)
    }

    @Test("Records that were delivered and are not committed count, whatever was passed behind them")
    func delivered() {
        var watch = LagWatch(settings)
        var last = LagWatch.Verdict.moving
        for _ in 0..<8 {
            last = watch.observe([standing(5, delivered: 9, passed: 10)], ends: [partition: 10], after: interval)
        }
        #expect(last == .stalled(.init(partition: partition, lag: 5, duration: .seconds(35))))
    }

    @Test("Standing still on purpose is no stall")
    func onPurpose() {
        var watch = LagWatch(settings)
        for _ in 0..<100 {
            check(watch.observe([standing(5, isWaiting: true)], ends: [partition: 9], after: interval), .moving)
        }
    }

    @Test("A partition whose end is not known, or that has just come, is not judged")
    func unknown() {
        var watch = LagWatch(settings)
        for _ in 0..<100 { check(watch.observe([standing(5)], ends: [:], after: interval), .moving) }
        for round in 0..<100 {
            let standings = round % 2 == 0 ? [standing(5)] : []
            check(watch.observe(standings, ends: [partition: 9], after: interval), .moving)
        }
    }

    @Test("Time for which the process was frozen does not count")
    func frozen() {
        var watch = LagWatch(settings)
        _ = watch.observe([standing(5)], ends: [partition: 9], after: interval)
        check(watch.observe([standing(5)], ends: [partition: 9], after: .seconds(3600)), .moving)
    }

    @Test("Work that is silent is vouched for within its leg's patience, and again once it speaks")
    func silentWork() {
        let clock = ManualClock()
        let diary = WorkDiary(now: { clock.now })
        #expect(diary.vouching(patience: .seconds(10)) == .vouches)
        clock.advance(.seconds(11))
        #expect(diary.vouching(patience: nil) == .vouches)
        #expect(diary.vouching(patience: .seconds(10)) == .givesUp)
        #expect(diary.vouching(patience: .seconds(10)) == .hasGivenUp)
        diary.write { $0.note = "on it" }
        #expect(diary.vouching(patience: .seconds(10)) == .vouches)
    }

    @Test("Aborted transactions in a row are borne up to the limit; one that is committed ends the row")
    func aborts() throws {
        let bench = Bench(bootstrap: "127.0.0.1:1", logger: Bench.silent)
        let metrics = TransactionMetrics(try bench.context("x").metrics)
        let streak = AbortStreak(part: "p", limit: 4, metrics: metrics)
        let cause = KafkaError(code: .membershipLost, operation: "commit", message: "moved on", requiresAbort: true)
        for _ in 0..<3 {
            #expect(try !streak.aborted(cause))
            #expect(try !streak.aborted(cause))
            #expect(try streak.aborted(cause))
            #expect(streak.committed())
            #expect(!streak.committed())
        }
        for _ in 0..<3 { _ = try streak.aborted(cause) }
        #expect(throws: TransactionsFail.self) { try streak.aborted(cause) }
    }
}

/// A clock that stands until it is moved.
private final class ManualClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
}
