// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension ProduceRequest: Served {
    var expectsResponse: Bool { acks != 0 }

    mutating func prepare() {
        for topic in topics.indices {
            for partition in topics[topic].partitions.indices {
                do throws(ErrorCode) {
                    topics[topic].partitions[partition].header = .success(
                        try RecordBatchCheck.check(topics[topic].partitions[partition].records))
                } catch {
                    topics[topic].partitions[partition].header = .failure(error)
                }
            }
        }
    }

    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ProduceResponse) -> Void) {
        var response = ProduceResponse()
        var written: [HostedPartition] = []
        for topic in topics {
            var answer = ProduceResponse.Topic(name: topic.name)
            for partition in topic.partitions {
                do throws(ErrorCode) {
                    guard (-1...1).contains(acks) else { throw ErrorCode.invalidRequiredAcks }
                    let result = try broker.append(partition, to: topic.name, transactionalID: transactionalID)
                    answer.partitions.append(result.answer)
                    if result.mustBeDurable, acks == -1 { written.append(result.partition) }
                } catch {
                    answer.partitions.append(ProduceResponse.Partition(index: partition.index, error: error))
                }
            }
            response.topics.append(answer)
        }
        func finish() {
            guard let partition = written.popLast() else { return reply(response) }
            partition.gate.whenDurable(finish)
        }
        finish()
    }
}

extension Broker {
    fileprivate struct Appended {
        var answer: ProduceResponse.Partition
        var partition: HostedPartition
        var mustBeDurable: Bool
    }

    fileprivate func append(
        _ request: ProduceRequest.Partition, to topicName: String, transactionalID: String?
    ) throws(ErrorCode) -> Appended {
        try checkStorage()
        let partition = try partition(topicName, request.index)
        let header: RecordBatchHeader
        switch request.header {
        case .success(let checked): header = checked
        case .failure(let error): throw error
        case nil: throw .invalidRecord
        }
        guard let batch = request.records, let configuration = topics[topicName]?.configuration else {
            throw .invalidRecord
        }
        guard header.totalSize <= configuration.maximumBatchBytes else { throw .messageTooLarge }
        if configuration.isCompacted {
            let refusals = try recordsWithoutKey(batch, header)
            guard refusals.isEmpty else {
                let answer = ProduceResponse.Partition(
                    index: request.index, error: .invalidRecord, recordErrors: refusals,
                    errorMessage: "A compacted topic takes no record without a key")
                return Appended(answer: answer, partition: partition, mustBeDurable: false)
            }
        }
        if header.isTransactional {
            try checkTransaction(header, partition: partition.id, transactionalID: transactionalID)
        }
        var answer = ProduceResponse.Partition(index: request.index, logStartOffset: partition.log.logStartOffset)
        switch try partition.log.verdict(on: header) {
        case .duplicate(let baseOffset):
            answer.baseOffset = baseOffset
        case .accept:
            answer.baseOffset = try onStorage("\(partition.id)") { try partition.log.append(batch, header) }
            partition.gate.wrote(upTo: partition.log.endOffset)
        }
        // What is in a transaction is made durable by its end: before that a loss of power aborts it.
        return Appended(answer: answer, partition: partition, mustBeDurable: !header.isTransactional)
    }

    /// A transactional batch counts only inside its producer's open transaction, in a partition that belongs to it.
    private func checkTransaction(
        _ header: RecordBatchHeader, partition: TopicPartition, transactionalID: String?
    ) throws(ErrorCode) {
        guard let owner = transactionalIDs[header.producerID], let transaction = transactions[owner] else {
            throw .invalidProducerIDMapping
        }
        guard transaction.producerID == header.producerID, transaction.epoch == header.producerEpoch else {
            throw .invalidProducerEpoch
        }
        guard transaction.state == .ongoing, transaction.partitions.contains(partition) else {
            throw .invalidTransactionState
        }
    }

    /// Compaction needs keys.
    private func recordsWithoutKey(
        _ batch: ByteBuffer, _ header: RecordBatchHeader
    ) throws(ErrorCode) -> [ProduceResponse.RecordError] {
        var body: ByteBuffer
        switch RecordBatchBody.open(batch, header) {
        case .unknownCodec, .malformed: throw .invalidRecord
        case .records(let records): body = records
        }
        var refusals: [ProduceResponse.RecordError] = []
        for index in 0..<header.recordCount {
            guard let record = RecordView.next(in: &body) else { throw .invalidRecord }
            if record.key == nil {
                refusals.append(ProduceResponse.RecordError(batchIndex: index, message: "The record has no key"))
            }
        }
        return refusals
    }
}
