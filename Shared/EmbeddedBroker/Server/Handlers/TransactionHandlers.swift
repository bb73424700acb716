// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension InitProducerIdRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (InitProducerIdResponse) -> Void) {
        do throws(ErrorCode) {
            try broker.checkStorage()
            let (id, epoch) = try broker.initialiseProducer(self)
            let response = InitProducerIdResponse(producerID: id, producerEpoch: epoch)
            broker.metadataGate.whenDurable { reply(response) }
        } catch {
            let code: ErrorCode = error == .producerFenced && context.version < 4 ? .invalidProducerEpoch : error
            reply(InitProducerIdResponse(error: code.ofCoordinator))
        }
    }
}

extension AddPartitionsToTxnRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (AddPartitionsToTxnResponse) -> Void) {
        let asked = topics.flattened
        let unknown = Set(asked.filter { (try? broker.partition($0.topic, $0.partition)) == nil })
        var failure = ErrorCode.none
        do throws(ErrorCode) {
            if unknown.isEmpty {
                try broker.addToTransaction(
                    transactionalID, producerID, producerEpoch, partitions: asked, groups: [])
            }
        } catch {
            failure = Transaction.code(error, version: context.version)
        }
        reply(
            AddPartitionsToTxnResponse(
                topics: topics.map { topic in
                    TopicErrors(
                        name: topic.name,
                        partitions: topic.partitions.map { index in
                            let id = TopicPartition(topic: topic.name, partition: index)
                            let isUnknown = unknown.contains(id)
                            let error: ErrorCode =
                                isUnknown
                                ? .unknownTopicOrPartition : unknown.isEmpty ? failure : .operationNotAttempted
                            return TopicErrors.Partition(index: index, error: error)
                        })
                }))
    }
}

extension AddOffsetsToTxnRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (AddOffsetsToTxnResponse) -> Void) {
        do throws(ErrorCode) {
            guard !groupID.isEmpty else { throw ErrorCode.invalidGroupID }
            try broker.addToTransaction(
                transactionalID, producerID, producerEpoch, partitions: [], groups: [groupID])
            reply(AddOffsetsToTxnResponse())
        } catch {
            reply(AddOffsetsToTxnResponse(error: Transaction.code(error, version: context.version)))
        }
    }
}

extension EndTxnRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (EndTxnResponse) -> Void) {
        do throws(ErrorCode) {
            try broker.checkStorage()
            let outcome: TransactionOutcome = committed ? .commit : .abort
            let transaction = try broker.transaction(transactionalID, producerID, producerEpoch)
            switch try transaction.decideEnd(outcome) {
            case .alreadyEnded:
                broker.metadataGate.whenDurable { reply(EndTxnResponse()) }
            case .finish:
                broker.endTransaction(transactionalID, outcome) { error in
                    reply(EndTxnResponse(error: error.ofCoordinator))
                }
            }
        } catch {
            reply(EndTxnResponse(error: Transaction.code(error, version: context.version)))
        }
    }
}

extension Transaction {
    /// Clients before version 2 of the transaction APIs do not know `producerFenced`.
    fileprivate static func code(_ error: ErrorCode, version: Int16) -> ErrorCode {
        error == .producerFenced && version < 2 ? .invalidProducerEpoch : error.ofCoordinator
    }
}
