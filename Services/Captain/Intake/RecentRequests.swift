// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import Synchronization

/// What this captain has taken over HTTP and may not have heard of from Kafka yet: whoever sends again within that time
/// is told so too.
///
/// Bounded: of more than `limit` the oldest are forgotten. What another captain took in the same moment is not known
/// here; the race finds it out, and its journal says so.
final class RecentRequests: Sendable {
    /// The events of one HTTP request.
    struct Sending: Sendable {
        struct Entry: Sendable, Equatable {
            let baton: BatonID
            /// Whether the same request is under way already, or was taken a moment ago.
            var isRepeated: Bool
            /// Whether another one is, under the same source and id.
            var contradicts: Bool
        }

        var entries: [Entry] = []
        /// Those that nobody had sent before.
        fileprivate var new: [BatonID: UInt64] = [:]
    }

    private struct Known {
        let digest: ContentDigest
        let ticket: UInt64
    }

    private struct Memory {
        var known: [BatonID: Known] = [:]
        var order: [(baton: BatonID, ticket: UInt64)] = []
        var tickets: UInt64 = 0
    }

    private let limit: Int
    private let memory = Mutex(Memory())

    init(limit: Int = 4_096) { self.limit = limit }

    /// Remembers what is about to be written.
    func begin(_ requests: [(baton: BatonID, request: ReleaseRequest)]) -> Sending {
        let digests = requests.map { ($0.baton, SHA256.hash(JSON.encode($0.request))) }
        return memory.withLock { memory in
            var sending = Sending()
            for (baton, digest) in digests {
                if let known = memory.known[baton] {
                    let isSame = known.digest == digest
                    sending.entries.append(.init(baton: baton, isRepeated: isSame, contradicts: !isSame))
                    continue
                }
                sending.entries.append(.init(baton: baton, isRepeated: false, contradicts: false))
                memory.tickets += 1
                sending.new[baton] = memory.tickets
                memory.known[baton] = Known(digest: digest, ticket: memory.tickets)
                memory.order.append((baton, memory.tickets))
            }
            forgetOldest(&memory)
            return sending
        }
    }

    /// Forgets what was not written after all, or not for certain.
    func forget(_ sending: Sending) {
        memory.withLock { memory in
            for (baton, ticket) in sending.new where memory.known[baton]?.ticket == ticket {
                memory.known[baton] = nil
            }
        }
    }

    private func forgetOldest(_ memory: inout Memory) {
        // Removing from the front is dear, so it waits until it is worth it.
        guard memory.order.count > limit + limit / 8 else { return }
        let oldest = memory.order.prefix(memory.order.count - limit)
        for (baton, ticket) in oldest where memory.known[baton]?.ticket == ticket { memory.known[baton] = nil }
        memory.order.removeFirst(oldest.count)
    }
}
