// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension FetchRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (FetchResponse) -> Void) {
        let fetch = WaitingFetch(request: self, context: context, reply: reply)
        let read = broker.read(self)
        guard maxWaitMilliseconds > 0, read.bytes < broker.bytesWanted(by: self), !read.hasError, read.isWaitable else {
            return reply(read.response)
        }
        broker.wait(fetch)
    }
}

/// A fetch that found less than it wants, and waits for more or for the end of its time.
struct WaitingFetch {
    var request: FetchRequest
    var context: RequestContext
    var reply: (FetchResponse) -> Void
    var timeout: Scheduled<Void>?
}

extension Broker {
    /// However long a client is ready to wait, its fetch is answered after this time.
    private static let longestWait = TimeAmount.minutes(5)

    struct FetchRead {
        var response = FetchResponse()
        var bytes = 0
        var hasError = false
        var isWaitable = false
    }

    func read(_ request: FetchRequest) -> FetchRead {
        var read = FetchRead()
        guard request.sessionID == 0, request.sessionEpoch <= 0 else {
            read.response.error = ErrorCode(rawValue: 70)  // no such fetch session
            read.hasError = true
            return read
        }
        var budget = min(Int(max(request.maxBytes, 0)), configuration.maximumFetchBytes, queuedAnswers.allowance)
        for topic in request.topics {
            var answer = FetchResponse.Topic(name: topic.name)
            for wanted in topic.partitions {
                read.isWaitable = true
                var part = FetchResponse.Partition(index: wanted.index, abortedTransactions: nil, records: ByteBuffer())
                do throws(ErrorCode) {
                    try fill(
                        &part, topic.name, wanted, isolationLevel: request.isolationLevel, budget: budget,
                        isFirst: read.bytes == 0)
                } catch {
                    part.error = error
                    read.hasError = true
                }
                let size = part.records?.readableBytes ?? 0
                read.bytes += size
                budget = max(0, budget - size)
                answer.partitions.append(part)
            }
            read.response.topics.append(answer)
        }
        return read
    }

    private func fill(
        _ part: inout FetchResponse.Partition, _ topic: String, _ wanted: FetchRequest.Partition,
        isolationLevel: Int8, budget: Int, isFirst: Bool
    ) throws(ErrorCode) {
        let partition = try partition(topic, wanted.index)
        try check(leaderEpoch: wanted.currentLeaderEpoch)
        part.highWatermark = partition.highWatermark
        part.lastStableOffset = partition.lastStableOffset
        part.logStartOffset = partition.log.logStartOffset
        let offset = wanted.fetchOffset
        guard offset >= partition.log.logStartOffset, offset <= partition.log.endOffset else {
            throw .offsetOutOfRange
        }
        let limit = partition.limit(isolationLevel: isolationLevel)
        let batches = try onStorage("\(partition.id)") {
            try partition.log.read(
                from: offset, limit: limit, maxBytes: min(Int(max(wanted.maxBytes, 0)), budget), atLeastOne: isFirst)
        }
        part.records = batches.bytes
        guard isolationLevel == 1 else { return }
        part.abortedTransactions =
            batches.bytes.readableBytes == 0
            ? []
            : try onStorage("\(partition.id)") {
                try partition.log.aborted(overlapping: offset..<batches.endOffset)
            }.map { FetchResponse.AbortedTransaction(producerID: $0.producerID, firstOffset: $0.firstOffset) }
    }

    /// What ends the wait of a fetch: never more than it may get.
    func bytesWanted(by request: FetchRequest) -> Int {
        min(Int(max(request.minBytes, 0)), Int(max(request.maxBytes, 0)), configuration.maximumFetchBytes)
    }

    func check(leaderEpoch: Int32) throws(ErrorCode) {
        guard leaderEpoch >= 0 else { return }
        if leaderEpoch < Self.leaderEpoch { throw .fencedLeaderEpoch }
        if leaderEpoch > Self.leaderEpoch { throw .unknownLeaderEpoch }
    }

    // MARK: Waiting

    func wait(_ fetch: WaitingFetch) {
        let number = nextNumber()
        var fetch = fetch
        let wait = min(.milliseconds(Int64(fetch.request.maxWaitMilliseconds)), Self.longestWait)
        fetch.timeout = loop.assumeIsolated().scheduleTask(in: wait) { [unowned self] in
            guard let fetch = fetches[number] else { return }
            endWait(number, fetch)
            fetch.reply(read(fetch.request).response)
        }
        fetches[number] = fetch
        fetchesOfConnection[fetch.context.connection, default: []].insert(number)
        for partition in partitions(of: fetch) { partition.waitingFetches.insert(number) }
    }

    func endWait(_ number: UInt64, _ fetch: WaitingFetch) {
        fetch.timeout?.cancel()
        fetches[number] = nil
        let connection = fetch.context.connection
        fetchesOfConnection[connection]?.remove(number)
        if fetchesOfConnection[connection]?.isEmpty == true { fetchesOfConnection[connection] = nil }
        for partition in partitions(of: fetch) { partition.waitingFetches.remove(number) }
    }

    /// Looks again at the fetches that wait for a partition, after more of it became visible.
    func wakeFetches(of id: TopicPartition) {
        guard let partition = try? partition(id.topic, id.partition) else { return }
        for number in partition.waitingFetches { retryFetch(number) }
    }

    func retryFetch(_ number: UInt64) {
        guard let fetch = fetches[number], mayBeSatisfied(fetch) else { return }
        let read = read(fetch.request)
        guard read.bytes >= bytesWanted(by: fetch.request) || read.hasError else { return }
        endWait(number, fetch)
        fetch.reply(read.response)
    }

    /// Whether it is worth reading: a crowd that waits for much must not make every write read for all of them.
    private func mayBeSatisfied(_ fetch: WaitingFetch) -> Bool {
        let wanted = bytesWanted(by: fetch.request)
        var available = 0
        for topic in fetch.request.topics {
            for part in topic.partitions {
                guard let partition = try? partition(topic.name, part.index),
                    part.fetchOffset >= partition.log.logStartOffset, part.fetchOffset <= partition.log.endOffset
                else { return true }
                if part.fetchOffset < partition.limit(isolationLevel: fetch.request.isolationLevel) {
                    available += partition.log.bytesAtMost(from: part.fetchOffset)
                }
                if available >= wanted { return true }
            }
        }
        return false
    }

    private func partitions(of fetch: WaitingFetch) -> [HostedPartition] {
        fetch.request.topics.flatMap { topic in
            topic.partitions.compactMap { wanted in
                guard let partitions = topics[topic.name]?.partitions, partitions.indices.contains(Int(wanted.index))
                else { return nil }
                return partitions[Int(wanted.index)]
            }
        }
    }
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
