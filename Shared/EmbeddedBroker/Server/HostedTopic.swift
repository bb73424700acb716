// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A partition as it is served: its log, what of it is durable, and the fetches that wait for more.
final class HostedPartition {
    let id: TopicPartition
    let log: PartitionLog
    let gate: SyncGate
    /// The fetches to look at again when more becomes visible, in no order.
    private(set) var waiting: [(fetch: OpenFetch, part: Int)] = []
    /// Checkpoints of the log that are being written.
    var checkpointing: EventLoopFuture<Void>?

    init(id: TopicPartition, log: PartitionLog, gate: SyncGate) {
        self.id = id
        self.log = log
        self.gate = gate
        sawMore()
    }

    /// Behind the last marker that was shown before it was durable.
    private var shown: Int64 = 0

    /// Readers see what is durable, and markers of durable decisions that follow.
    var highWatermark: Int64 { max(gate.durable, shown) }

    /// Shows readers a marker before it is durable, if all that lies before it is what they see. The decision must be
    /// durable: a loss of power takes the marker, and the next start writes it again, at the same offset.
    func showMarker(at offset: Int64) {
        if offset == highWatermark { shown = offset + 1 }
    }

    /// Readers of committed records see what lies before the oldest transaction whose end they do not see.
    ///
    /// It moves with the high watermark only: a transaction begins behind that, and ends when its marker lies before.
    private(set) var lastStableOffset: Int64 = 0

    /// Says that the high watermark may have moved.
    func sawMore() {
        log.showed(upTo: highWatermark)
        lastStableOffset = min(
            highWatermark, log.producers.firstUnstableOffset(highWatermark: highWatermark) ?? .max)
    }

    func wait(_ fetch: OpenFetch, _ part: Int) {
        fetch.parts[part].place = waiting.count
        waiting.append((fetch, part))
    }

    func endWait(at place: Int) {
        let last = waiting.removeLast()
        guard place < waiting.count else { return }
        waiting[place] = last
        last.fetch.parts[last.part].place = place
    }

    func limit(isolationLevel: Int8) -> Int64 { isolationLevel == 1 ? lastStableOffset : highWatermark }
}

/// A topic and its partitions.
struct HostedTopic {
    var name: String
    var id: TopicID
    var configuration: TopicConfiguration
    var partitions: [HostedPartition]

    var record: TopicRecord {
        TopicRecord(
            name: name, id: id, partitionCount: Int32(partitions.count), configs: configuration.configs)
    }

    /// Whether a name may be a topic's; it then is safe as a file name too.
    static func isValid(name: String) -> Bool {
        (1...249).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
