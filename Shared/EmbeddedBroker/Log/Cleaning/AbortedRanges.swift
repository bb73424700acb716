// SPDX-License-Identifier: Apache-2.0

/// Tells which batches belong to transactions that were aborted.
struct AbortedRanges {
    private let byProducer: [Int64: [ProducerLedger.AbortedTransaction]]

    init(_ transactions: [ProducerLedger.AbortedTransaction]) {
        byProducer = Dictionary(grouping: transactions, by: \.producerID)
    }

    /// Whether a batch's records never became valid.
    func contains(_ header: RecordBatchHeader) -> Bool {
        guard header.isTransactional, !header.isControl else { return false }
        return transaction(of: header).map { $0.firstOffset <= header.baseOffset } ?? false
    }

    /// The transaction that a marker aborted.
    func ended(by marker: RecordBatchHeader) -> ProducerLedger.AbortedTransaction? {
        transaction(of: marker).flatMap { $0.lastOffset == marker.baseOffset ? $0 : nil }
    }

    /// The first of the producer's that ended at or after the batch: they are in order and do not overlap.
    private func transaction(of header: RecordBatchHeader) -> ProducerLedger.AbortedTransaction? {
        guard let own = byProducer[header.producerID] else { return nil }
        let number = own.partitioningIndex { $0.lastOffset >= header.baseOffset }
        return number < own.count ? own[number] : nil
    }
}
