// SPDX-License-Identifier: Apache-2.0

/// The batches of a partition that could not be written: what their producers sent behind them waits until they have
/// come again.
///
/// Otherwise the next batch on the way would be out of order, or be taken before them from a producer that the
/// partition does not know yet. librdkafka takes the first for the end of its producer, if the refused batch had timed
/// out once before. In Kafka a write that fails takes the disk offline, and what follows is refused as it is here.
struct RefusedBatches {
    /// A client that gives a batch up goes on with another epoch, or with the sequence that the batch had. One that
    /// does neither is told after this time that it is out of order.
    static let patienceMilliseconds: Int64 = 30_000
    /// More are not remembered.
    static let limit = 1000

    private struct Refusal {
        var epoch: Int16
        var sequence: Int32
        /// By the broker's clock, in milliseconds.
        var at: Int64

        func stands(_ now: Int64) -> Bool { (0..<RefusedBatches.patienceMilliseconds).contains(now - at) }
    }

    /// By producer.
    private var refusals: [Int64: Refusal] = [:]

    /// A batch could not be written.
    mutating func note(_ header: RecordBatchHeader, now: Int64) {
        guard header.hasProducer else { return }
        if refusals.count >= Self.limit { refusals = refusals.filter { $0.value.stands(now) } }
        guard refusals.count < Self.limit else { return }
        refusals[header.producerID] = Refusal(epoch: header.producerEpoch, sequence: header.baseSequence, at: now)
    }

    /// The producer goes on, or ended its transaction.
    mutating func forget(_ producerID: Int64) {
        if !refusals.isEmpty { refusals[producerID] = nil }
    }

    /// Whether a batch was sent behind one that could not be written.
    func holdsBack(_ header: RecordBatchHeader, now: Int64) -> Bool {
        guard !refusals.isEmpty, let refusal = refusals[header.producerID], refusal.stands(now) else { return false }
        return header.producerEpoch == refusal.epoch && header.baseSequence != refusal.sequence
    }
}
