// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import EmbeddedBroker

@Suite("Rules of the cleaner")
struct CleaningRuleTests {
    /// Segments of ten offsets each; the last one is active.
    private func segments(_ sizes: [Int], timestamps: [Int64]) -> [SegmentSummary] {
        zip(sizes, timestamps).enumerated().map { number, segment in
            var summary = SegmentSummary(baseOffset: Int64(number) * 10)
            summary.size = segment.0
            summary.endOffset = segment.0 == 0 ? summary.baseOffset : summary.baseOffset + 10
            summary.firstTimestamp = segment.1
            summary.maxTimestamp = segment.1
            return summary
        }
    }

    // MARK: Retention

    @Test("Segments go when their newest record is too old, and only from the front")
    func age() {
        let rule = RetentionRule(milliseconds: 100)
        let segments = segments([5, 5, 5, 5], timestamps: [0, 950, 0, 990])
        #expect(rule.decide(segments, limit: 40, now: 1000).newStart == 10)
        #expect(rule.decide(segments, limit: 40, now: 1060) == .init(newStart: 30))
        #expect(rule.decide(segments, limit: 40, now: 100) == .init())
    }

    @Test("An expired active segment is closed and goes too")
    func activeAge() {
        let rule = RetentionRule(milliseconds: 100)
        let all = RetentionRule.Decision(newStart: 20, takesActive: true)
        #expect(rule.decide(segments([5, 5], timestamps: [0, 0]), limit: 20, now: 1000) == all)
        #expect(rule.decide(segments([5, 0], timestamps: [0, -1]), limit: 20, now: 1000) == .init(newStart: 10))
        #expect(rule.decide(segments([0], timestamps: [-1]), limit: 20, now: 1000) == .init())
    }

    @Test("As many go as leave the bytes asked for, never the active one")
    func bytes() {
        let segments = segments([5, 5, 5, 5], timestamps: [0, 0, 0, 0])
        #expect(RetentionRule(bytes: 11).decide(segments, limit: 40, now: 0).newStart == 10)
        #expect(RetentionRule(bytes: 10).decide(segments, limit: 40, now: 0).newStart == 20)
        #expect(RetentionRule(bytes: 0).decide(segments, limit: 40, now: 0) == .init(newStart: 30))
        #expect(RetentionRule(bytes: 100).decide(segments, limit: 40, now: 0) == .init())
        #expect(RetentionRule().decide(segments, limit: 40, now: .max) == .init())
    }

    @Test("Nothing goes past the last stable offset")
    func stable() {
        let rule = RetentionRule(milliseconds: 1, bytes: 0)
        let segments = segments([5, 5, 5], timestamps: [0, 0, 0])
        #expect(rule.decide(segments, limit: 19, now: 1000) == .init(newStart: 10))
        #expect(rule.decide(segments, limit: 9, now: 1000) == .init())
    }

    @Test("Whatever the segments, what stays is the least that the rule allows", arguments: UInt64(0)..<200)
    func property(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...8, using: &random)
        let segments = segments(
            (0..<count).map { _ in Int.random(in: 1...9, using: &random) },
            timestamps: (0..<count).map { _ in Int64.random(in: 0...100, using: &random) })
        let rule = RetentionRule(
            milliseconds: Bool.random(using: &random) ? nil : 40,
            bytes: Bool.random(using: &random) ? nil : Int.random(in: 0...40, using: &random))
        let limit = Int64.random(in: 0...Int64(count * 10), using: &random)
        let decision = rule.decide(segments, limit: limit, now: 100)
        let start = decision.newStart ?? 0
        #expect(start <= limit)
        #expect(start % 10 == 0)
        #expect(decision.takesActive == (start == Int64(count * 10)))
        let kept = segments.filter { $0.baseOffset >= start }
        let bytes = kept.reduce(0) { $0 + $1.size }
        if let first = kept.first, first.endOffset <= limit {
            #expect(rule.milliseconds == nil || first.maxTimestamp >= 60)
            #expect(rule.bytes == nil || kept.count == 1 || bytes - first.size < rule.bytes ?? 0)
        }
        for gone in segments where gone.baseOffset < start {
            let rest = segments.filter { $0.baseOffset > gone.baseOffset }.reduce(0) { $0 + $1.size }
            let isExpired = rule.milliseconds != nil && gone.maxTimestamp < 60
            #expect(isExpired || rule.bytes.map { rest >= $0 } ?? false)
        }
    }

    // MARK: Compaction

    private func compacted(_ segments: [SegmentSummary], upTo count: Int) -> [SegmentSummary] {
        segments.enumerated().map { number, segment in
            var segment = segment
            if number < count { segment.compactedEnd = segment.endOffset }
            return segment
        }
    }

    @Test("A log is compacted when enough of it is new, up to the last stable offset")
    func dirtyRatio() {
        let rule = CompactionRule()
        let fresh = segments([10, 10, 10, 10], timestamps: [0, 0, 0, 0])
        #expect(rule.plan(fresh, limit: 40, now: 100) == .init(groups: [0..<4], firstDirty: 0))
        #expect(rule.plan(fresh, limit: 29, now: 100)?.end == 2)
        #expect(rule.plan(fresh, limit: 5, now: 100) == nil)
        #expect(rule.plan(compacted(fresh, upTo: 3), limit: 40, now: 100) == nil)
        #expect(rule.plan(compacted(fresh, upTo: 1), limit: 40, now: 100)?.firstDirty == 1)
        let eager = CompactionRule(minimumDirtyRatio: 0)
        #expect(eager.plan(compacted(fresh, upTo: 3), limit: 40, now: 100)?.firstDirty == 3)
        #expect(eager.plan(compacted(fresh, upTo: 4), limit: 40, now: 100) == nil)
    }

    @Test("Young records are left alone, old ones and due deletions are not waited with")
    func lags() {
        let fresh = segments([10, 10, 10, 10], timestamps: [0, 10, 90, 95])
        #expect(CompactionRule(minimumLagMilliseconds: 20).plan(fresh, limit: 40, now: 100)?.end == 2)
        let mostly = compacted(fresh, upTo: 3)
        #expect(CompactionRule(maximumLagMilliseconds: 50).plan(mostly, limit: 40, now: 100) == nil)
        #expect(CompactionRule(maximumLagMilliseconds: 50).plan(mostly, limit: 40, now: 200)?.firstDirty == 3)
        var deletions = compacted(fresh, upTo: 4)
        deletions[1].deleteHorizon = 150
        #expect(CompactionRule().plan(deletions, limit: 40, now: 149) == nil)
        #expect(CompactionRule().plan(deletions, limit: 40, now: 150)?.firstDirty == 4)
    }

    @Test("Small segments become one, as large as a segment may be")
    func groups() {
        let rule = CompactionRule(segmentBytes: 25)
        let plan = rule.plan(segments([10, 10, 10, 30, 5], timestamps: [0, 0, 0, 0, 0]), limit: 50, now: 0)
        #expect(plan?.groups == [0..<2, 2..<3, 3..<4, 4..<5])
    }

    // MARK: Expiry

    private let expiry = ExpiryRule(
        producerIDMilliseconds: 100, transactionalIDMilliseconds: 200, offsetsMilliseconds: 300)

    @Test("Idle producers are forgotten, not those with an open transaction")
    func producers() {
        var entry = ProducerLedger.Entry(epoch: 0, lastSeen: 1000)
        #expect(!expiry.isExpired(entry, now: 1099))
        #expect(expiry.isExpired(entry, now: 1100))
        entry.openSince = 5
        #expect(!expiry.isExpired(entry, now: 9999))
    }

    @Test("Idle transactional ids are forgotten, not those with work to do")
    func transactions() {
        var transaction = Transaction(id: "id", producerID: 1)
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1, now: 1000)
        #expect(!expiry.isExpired(transaction, now: 1199))
        #expect(expiry.isExpired(transaction, now: 1200))
        _ = transaction.add(partitions: [TopicPartition(topic: "t", partition: 0)], now: 1000)
        #expect(!expiry.isExpired(transaction, now: 9999))
        transaction.prepare(.commit, now: 1000)
        #expect(!expiry.isExpired(transaction, now: 9999))
        transaction.complete(now: 2000)
        #expect(!expiry.isExpired(transaction, now: 2199))
        #expect(expiry.isExpired(transaction, now: 2200))
    }

    @Test("Offsets expire when their group has been empty, and they have been old, for long enough")
    func offsets() {
        let (old, young) = (TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1))
        var offsets = GroupOffsets()
        offsets.commit([old: CommittedOffset(offset: 1, leaderEpoch: -1, metadata: "", committedAt: 0)])
        offsets.commit([young: CommittedOffset(offset: 1, leaderEpoch: -1, metadata: "", committedAt: 900)])
        #expect(expiry.expired(offsets, emptySince: nil, now: 9999).isEmpty)
        #expect(expiry.expired(offsets, emptySince: 500, now: 799).isEmpty)
        #expect(expiry.expired(offsets, emptySince: 500, now: 800) == [old])
        #expect(expiry.expired(offsets, emptySince: 500, now: 1200) == [old, young])
        offsets.stage([old: CommittedOffset(offset: 2, leaderEpoch: -1, metadata: "", committedAt: 0)], producerID: 1)
        #expect(expiry.expired(offsets, emptySince: 500, now: 1200) == [young])
    }
}
