// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension FetchRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (FetchResponse) -> Void) {
        guard sessionID == 0, sessionEpoch <= 0 else {
            return reply(FetchResponse(error: ErrorCode(rawValue: 70)))  // no such fetch session
        }
        let fetch = OpenFetch(self, parts: broker.parts(of: self), connection: context.connection, reply: reply)
        if maxWaitMilliseconds <= 0 || fetch.parts.isEmpty {
            reply(broker.read(fetch).response)
        } else if let answer = broker.answerWorthGiving(to: fetch) {
            reply(answer)
        } else {
            broker.wait(fetch)
        }
    }
}

extension Broker {
    /// However long a client is ready to wait, its fetch is answered after this time.
    private static let longestWait = TimeAmount.minutes(5)

    /// The partitions that a fetch asks for, or why it cannot have them.
    func parts(of request: FetchRequest) -> [OpenFetch.Part] {
        var parts: [OpenFetch.Part] = []
        for topic in request.topics {
            let partitions = topics[topic.name]?.partitions ?? []
            for wanted in topic.partitions {
                var part = OpenFetch.Part(offset: wanted.fetchOffset)
                if partitions.indices.contains(Int(wanted.index)) {
                    part.partition = partitions[Int(wanted.index)]
                    part.error = leaderEpochError(wanted.currentLeaderEpoch)
                }
                parts.append(part)
            }
        }
        return parts
    }

    struct FetchRead {
        var response = FetchResponse()
        var bytes = 0
        var hasError = false
    }

    func read(_ fetch: OpenFetch) -> FetchRead {
        let request = fetch.request
        var read = FetchRead()
        var budget = min(Int(max(request.maxBytes, 0)), configuration.maximumFetchBytes, queuedAnswers.allowance)
        var parts = fetch.parts.makeIterator()
        for topic in request.topics {
            var answer = FetchResponse.Topic(name: topic.name)
            for wanted in topic.partitions {
                guard let part = parts.next() else { break }
                var answered = FetchResponse.Partition(index: wanted.index, batches: WirePiece())
                do throws(ErrorCode) {
                    try fill(
                        &answered, part, isolationLevel: request.isolationLevel,
                        maxBytes: min(Int(max(wanted.maxBytes, 0)), budget), isFirst: read.bytes == 0)
                } catch {
                    answered.error = error
                    read.hasError = true
                }
                let size = answered.batches?.count ?? 0
                read.bytes += size
                budget = max(0, budget - size)
                answer.partitions.append(answered)
            }
            read.response.topics.append(answer)
        }
        return read
    }

    private func fill(
        _ answer: inout FetchResponse.Partition, _ part: OpenFetch.Part, isolationLevel: Int8, maxBytes: Int,
        isFirst: Bool
    ) throws(ErrorCode) {
        guard let partition = part.partition, part.error == .none else { throw part.error }
        answer.highWatermark = partition.highWatermark
        answer.lastStableOffset = partition.lastStableOffset
        answer.logStartOffset = partition.log.logStartOffset
        guard partition.reaches(part.offset) else { throw .offsetOutOfRange }
        if isolationLevel == 1 { answer.abortedTransactions = [] }
        let limit = isolationLevel == 1 ? answer.lastStableOffset : answer.highWatermark
        guard part.offset < limit else { return }
        let batches = try onStorage("\(partition.id)") {
            try partition.log.read(from: part.offset, limit: limit, maxBytes: maxBytes, atLeastOne: isFirst)
        }
        answer.batches = batches.piece
        guard isolationLevel == 1, batches.piece.count > 0 else { return }
        answer.abortedTransactions =
            try onStorage("\(partition.id)") {
                try partition.log.aborted(overlapping: part.offset..<batches.endOffset)
            }.map { FetchResponse.AbortedTransaction(producerID: $0.producerID, firstOffset: $0.firstOffset) }
    }

    private func leaderEpochError(_ epoch: Int32) -> ErrorCode {
        do throws(ErrorCode) {
            try check(leaderEpoch: epoch)
            return .none
        } catch {
            return error
        }
    }

    func check(leaderEpoch: Int32) throws(ErrorCode) {
        guard leaderEpoch >= 0 else { return }
        if leaderEpoch < Self.leaderEpoch { throw .fencedLeaderEpoch }
        if leaderEpoch > Self.leaderEpoch { throw .unknownLeaderEpoch }
    }

    // MARK: Waiting

    func wait(_ fetch: OpenFetch) {
        limitWait(of: fetch, to: min(.milliseconds(Int64(fetch.request.maxWaitMilliseconds)), Self.longestWait))
        if fetch.hasSome { gather(fetch) }
        // No other: a connection has one fetch under way.
        fetches[fetch.connection] = fetch
        for part in fetch.parts.indices { fetch.parts[part].partition?.wait(fetch, part) }
    }

    private func limitWait(of fetch: OpenFetch, to wait: TimeAmount) {
        let deadline = NIODeadline.now() + wait
        guard deadline < fetch.deadline else { return }
        fetch.deadline = deadline
        fetch.timeout?.cancel()
        fetch.timeout = loop.assumeIsolated().scheduleTask(deadline: deadline) { [unowned self] in
            // What is due at one time is run one after another, even if the first of it cancels the next.
            guard fetch.timeout != nil, fetch.deadline == deadline else { return }
            endWait(fetch)
            fetch.reply(read(fetch).response)
        }
    }

    /// There is something, and less than the fetch wants.
    private func gather(_ fetch: OpenFetch) {
        if let gathering = configuration.fetchGathering { limitWait(of: fetch, to: TimeAmount(gathering)) }
    }

    func endWait(_ fetch: OpenFetch) {
        fetch.timeout?.cancel()
        fetch.timeout = nil
        fetches[fetch.connection] = nil
        // A partition that is asked for twice changes the place of its other part.
        for part in fetch.parts.indices { fetch.parts[part].partition?.endWait(at: fetch.parts[part].place) }
    }

    /// Looks again at the fetches that wait for a partition, after more of it became visible.
    func wakeFetches(of partition: HostedPartition) {
        for waiting in partition.waiting where waiting.fetch.timeout != nil {
            let fetch = waiting.fetch
            // The other parts are as they were when the fetch began to wait, or when one of them was looked at here.
            guard fetch.bytesAtMost(in: waiting.part) != 0 else { continue }
            guard let answer = answerWorthGiving(to: fetch) else {
                gather(fetch)
                continue
            }
            endWait(fetch)
            fetch.reply(answer)
        }
    }

    /// Answers the fetches that wait for a partition of a topic that is there no more.
    func dismissFetches(of partition: HostedPartition) {
        for waiting in partition.waiting where waiting.fetch.timeout != nil {
            let fetch = waiting.fetch
            endWait(fetch)
            fetch.parts = parts(of: fetch.request)
            fetch.reply(read(fetch).response)
        }
    }

    /// The answer to a fetch, if there is what ends its wait: an error, or as many bytes as it wants, and never more
    /// than it may get.
    fileprivate func answerWorthGiving(to fetch: OpenFetch) -> FetchResponse? {
        let request = fetch.request
        let wanted = min(
            Int(max(request.minBytes, 0)), Int(max(request.maxBytes, 0)), configuration.maximumFetchBytes)
        guard fetch.mayHave(wanted) else { return nil }
        let read = read(fetch)
        return read.bytes >= wanted || read.hasError ? read.response : nil
    }
}
