// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A fetch that is not answered yet, with the partitions that it asks for: each is looked up once, and not again when
/// the fetch is looked at again.
final class OpenFetch {
    struct Part {
        var offset: Int64
        /// Nil where there is none.
        var partition: HostedPartition?
        var error = ErrorCode.unknownTopicOrPartition
        /// Where the fetch stands among those that wait for the partition.
        var place = 0
    }

    let request: FetchRequest
    let connection: UInt64
    let reply: (FetchResponse) -> Void
    /// One for each partition of each topic of the request, in its order.
    var parts: [Part]
    /// Set while the fetch waits.
    var timeout: Scheduled<Void>?
    /// Until when it waits.
    var deadline = NIODeadline.distantFuture

    init(
        _ request: FetchRequest, parts: [Part], connection: UInt64, reply: @escaping (FetchResponse) -> Void
    ) {
        self.request = request
        self.parts = parts
        self.connection = connection
        self.reply = reply
    }

    /// Whether it is worth reading: a crowd that waits for much must not make every write read for all of them.
    func mayHave(_ wanted: Int) -> Bool {
        var available = 0
        for part in parts.indices {
            guard let bytes = bytesAtMost(in: part) else { return true }
            available += bytes
            if available >= wanted { return true }
        }
        return false
    }

    /// Whether a partition has something for the fetch.
    var hasSome: Bool { parts.indices.contains { bytesAtMost(in: $0) != 0 } }

    /// Not less than the bytes that a partition has for the fetch, found without reading; nil if it has an error.
    func bytesAtMost(in part: Int) -> Int? {
        let part = parts[part]
        guard let partition = part.partition, part.error == .none, partition.reaches(part.offset) else { return nil }
        guard part.offset < partition.limit(isolationLevel: request.isolationLevel) else { return 0 }
        return partition.log.bytesAtMost(from: part.offset)
    }
}

extension HostedPartition {
    /// Whether an offset lies in the log, or at its end.
    func reaches(_ offset: Int64) -> Bool { offset >= log.logStartOffset && offset <= log.endOffset }
}

extension PartitionLog {
    /// Not less than the bytes of the batches from an offset on; found without reading.
    fileprivate func bytesAtMost(from offset: Int64) -> Int {
        let index = max(0, segments.partitioningIndex { $0.baseOffset > offset } - 1)
        // A closed segment's index is on disk: there the offset counts as the segment's first.
        let earlier = segments[index].index?.entry(atOrBefore: offset)?.position ?? 0
        return segments[index...].reduce(0) { $0 + $1.size } - earlier
    }
}
