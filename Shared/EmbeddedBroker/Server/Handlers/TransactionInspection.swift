// SPDX-License-Identifier: Apache-2.0

extension DescribeTransactionsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeTransactionsResponse) -> Void) {
        reply(
            DescribeTransactionsResponse(
                transactions: transactionalIDs.map { id in
                    typealias Description = DescribeTransactionsResponse.Description
                    guard !id.isEmpty else { return Description(error: .invalidRequest) }
                    guard let transaction = broker.transactions[id] else {
                        return Description(error: .transactionalIDNotFound, transactionalID: id)
                    }
                    return Description(
                        transactionalID: id, state: transaction.state.name,
                        timeoutMilliseconds: transaction.timeoutMilliseconds, startedAt: transaction.startedAt,
                        producerID: transaction.producerID, producerEpoch: transaction.epoch,
                        topics: [TopicPartitions](transaction.partitions))
                }))
    }
}

extension ListTransactionsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ListTransactionsResponse) -> Void) {
        let known = Set(Transaction.State.allCases.map(\.name))
        let now = broker.wallClock
        let found = broker.transactions.values.sorted { $0.id < $1.id }.filter { transaction in
            let isLongEnough =
                openLongerThan < 0 || transaction.startedAt >= 0 && now - transaction.startedAt > openLongerThan
            return isLongEnough && (states.isEmpty || states.contains(transaction.state.name))
                && (producerIDs.isEmpty || producerIDs.contains(transaction.producerID))
        }
        reply(
            ListTransactionsResponse(
                unknownStates: states.filter { !known.contains($0) },
                transactions: found.map {
                    ListTransactionsResponse.Listing(
                        transactionalID: $0.id, producerID: $0.producerID, state: $0.state.name)
                }))
    }
}

extension DescribeProducersRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeProducersResponse) -> Void) {
        typealias Answer = DescribeProducersResponse
        reply(
            Answer(
                topics: topics.map { topic in
                    Answer.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { index in
                            do throws(ErrorCode) {
                                return Answer.Partition(
                                    index: index, producers: try broker.producers(of: topic.name, index))
                            } catch {
                                return Answer.Partition(index: index, error: error)
                            }
                        })
                }))
    }
}

extension Broker {
    fileprivate func producers(
        of topic: String, _ index: Int32
    ) throws(ErrorCode) -> [DescribeProducersResponse.Producer] {
        let entries = try partition(topic, index).log.producers.entries
        return entries.sorted { $0.key < $1.key }.map { id, entry in
            DescribeProducersResponse.Producer(
                id: id, epoch: Int32(entry.epoch), lastSequence: entry.batches.last?.lastSequence ?? -1,
                transactionStartOffset: entry.openSince ?? -1)
        }
    }
}

extension Transaction.State {
    /// The name that the protocol has for the state.
    var name: String {
        switch self {
        case .empty: "Empty"
        case .ongoing: "Ongoing"
        case .prepareCommit: "PrepareCommit"
        case .prepareAbort: "PrepareAbort"
        case .completeCommit: "CompleteCommit"
        case .completeAbort: "CompleteAbort"
        }
    }
}
