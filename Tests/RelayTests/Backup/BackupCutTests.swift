// SPDX-License-Identifier: Apache-2.0

import Kafka
import TestSupport
import Testing

@testable import Backup

/// A cluster in the small: transactions that write to some partitions and commit one group's offset, step by step.
private struct SmallCluster {
    struct Entry {
        /// Nil for a marker.
        var transaction: Int?
    }

    struct Open {
        var id: Int
        var targets: [Int]
        var written: [Int] = []
        var isDecided = false
        var unmarked: Set<Int> = []
    }

    var partitions: [[Entry]] = Array(repeating: [], count: 4)
    /// The id of the newest transaction whose offset the group has.
    var committed = 0
    private var open: Open?
    private var count = 0

    /// One thing that a broker or the producer does next.
    mutating func advance(_ numbers: inout SeededGenerator) {
        guard var transaction = open else {
            guard Int.random(in: 0..<4, using: &numbers) == 0 else { return }
            count += 1
            let targets = (0..<Int.random(in: 1...3, using: &numbers)).map { _ in Int.random(in: 0..<4, using: &numbers)
            }
            open = Open(id: count, targets: targets)
            return
        }
        if let target = transaction.targets.popLast() {
            partitions[target].append(Entry(transaction: transaction.id))
            transaction.written.append(target)
        } else if !transaction.isDecided {
            transaction.isDecided = true
            transaction.unmarked = Set(transaction.written)
            // The group's own log is one more partition, and its marker may come at any time among the others.
            transaction.unmarked.insert(-1)
        } else if let next = transaction.unmarked.randomElement(using: &numbers) {
            transaction.unmarked.remove(next)
            if next < 0 { committed = transaction.id } else { partitions[next].append(Entry(transaction: nil)) }
        }
        open = transaction.isDecided && transaction.unmarked.isEmpty ? nil : transaction
    }

    func high(_ partition: Int) -> Int64 { Int64(partitions[partition].count) }

    func stable(_ partition: Int) -> Int64 {
        guard let open, open.written.contains(partition), !open.isDecided || open.unmarked.contains(partition) else {
            return high(partition)
        }
        return Int64(partitions[partition].firstIndex { $0.transaction == open.id } ?? partitions[partition].count)
    }

    /// The group's offset; nil while the transaction that changes it is being decided.
    var offset: Int? { open.map { $0.isDecided && $0.unmarked.contains(-1) } == true ? nil : committed }
}

@Suite("The cut of a backup")
struct BackupCutTests {
    private static func id(_ partition: Int) -> TopicPartition {
        TopicPartition(topic: "t", partition: Int32(partition))
    }

    @Test(
        "has each transaction whole, records and offset, or not at all, wherever it falls",
        arguments: 0..<300 as Range<UInt64>)
    func whole(seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        var cluster = SmallCluster()
        var taken = 0
        for _ in 0..<100 {
            // Mostly nothing happens while one partition is asked, or there would never be a cut.
            func pass() {
                if Int.random(in: 0..<6, using: &numbers) == 0 { cluster.advance(&numbers) }
            }
            func ends() -> BackupCut.Ends {
                var ends = BackupCut.Ends(stable: [:], high: [:])
                for partition in 0..<4 {
                    ends.stable[Self.id(partition)] = cluster.stable(partition)
                    pass()
                }
                for partition in 0..<4 {
                    ends.high[Self.id(partition)] = cluster.high(partition)
                    pass()
                }
                return ends
            }
            let before = ends()
            pass()
            while cluster.offset == nil { cluster.advance(&numbers) }
            let offset = cluster.offset ?? 0
            pass()
            let after = ends()
            guard case .success(let cut) = BackupCut.take(before: before, after: after, isFree: { _ in false }) else {
                continue
            }
            taken += 1
            for partition in 0..<4 {
                let (inside, outside) = (
                    cluster.partitions[partition].prefix(Int(cut.ends[Self.id(partition)] ?? 0)),
                    cluster.partitions[partition].dropFirst(Int(cut.ends[Self.id(partition)] ?? 0))
                )
                #expect(inside.allSatisfy { $0.transaction ?? 0 <= offset }, "done, and it would be done again")
                #expect(outside.allSatisfy { $0.transaction ?? .max > offset }, "passed over, and never done")
            }
        }
        #expect(taken > 0)
    }

    @Test("names the topics that moved, and those with an open transaction")
    func motion() {
        let (moved, open, free) = (
            TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 0),
            TopicPartition(topic: "free", partition: 0)
        )
        let before = BackupCut.Ends(stable: [moved: 1, open: 1, free: 1], high: [moved: 1, open: 2, free: 1])
        let after = BackupCut.Ends(stable: [moved: 2, open: 1, free: 5], high: [moved: 2, open: 2, free: 6])
        let cut = BackupCut.take(before: before, after: after) { $0 == "free" }
        #expect(cut == .failure(.init(moved: [moved], open: [open])))
        let still = BackupCut.Ends(stable: [moved: 2, open: 2, free: 5], high: [moved: 2, open: 2, free: 6])
        #expect(
            BackupCut.take(before: still, after: still) { $0 == "free" }
                == .success(BackupCut(ends: [moved: 2, open: 2, free: 5])))
    }
}
