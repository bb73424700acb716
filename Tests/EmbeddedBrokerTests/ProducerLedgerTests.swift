// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Producer ledger")
struct ProducerLedgerTests {
    private func header(
        sequence: Int32, count: Int = 1, epoch: Int16 = 0, offset: Int64 = 0, transactional: Bool = false
    ) throws -> RecordBatchHeader {
        var header = try TestBatch(
            values: Array(repeating: "v", count: count), producerID: 7, producerEpoch: epoch, sequence: sequence,
            isTransactional: transactional
        ).header()
        header.baseOffset = offset
        return header
    }

    private func marker(epoch: Int16 = 0, offset: Int64) throws -> RecordBatchHeader {
        let batch = ControlBatch.marker(.abort, producerID: 7, producerEpoch: epoch, timestamp: 0)
        var header = try #require(RecordBatchHeader(batch, at: 0))
        header.baseOffset = offset
        return header
    }

    @Test("A batch sent again is recognised within the window of five")
    func duplicates() throws {
        var ledger = ProducerLedger()
        for number in 0..<6 {
            ledger.append(try header(sequence: Int32(number), offset: Int64(number)), now: 0)
        }
        for number in 1..<6 {
            let verdict = try ledger.verdict(on: header(sequence: Int32(number)))
            #expect(verdict == .duplicate(baseOffset: Int64(number)))
        }
        #expect(throws: ErrorCode.outOfOrderSequenceNumber) { try ledger.verdict(on: header(sequence: 0)) }
    }

    @Test("A gap in the sequence is refused")
    func gaps() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, count: 3), now: 0)
        #expect(throws: ErrorCode.outOfOrderSequenceNumber) { try ledger.verdict(on: header(sequence: 4)) }
        #expect(try ledger.verdict(on: header(sequence: 3)) == .accept)
    }

    @Test("Sequence numbers wrap to zero after the largest")
    func wrap() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: .max - 1, count: 2), now: 0)
        #expect(try ledger.verdict(on: header(sequence: 0)) == .accept)
    }

    @Test("An older epoch is fenced, a newer one starts at zero")
    func epochs() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, epoch: 3), now: 0)
        #expect(throws: ErrorCode.invalidProducerEpoch) { try ledger.verdict(on: header(sequence: 1, epoch: 2)) }
        #expect(throws: ErrorCode.outOfOrderSequenceNumber) { try ledger.verdict(on: header(sequence: 1, epoch: 4)) }
        #expect(try ledger.verdict(on: header(sequence: 0, epoch: 4)) == .accept)
    }

    @Test("The oldest open transaction holds the stable offset, its abort is listed where it overlaps")
    func abortedTransactions() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, offset: 10, transactional: true), now: 0)
        #expect(ledger.firstOpenOffset == 10)
        ledger.end(try marker(offset: 12), outcome: .abort, now: 0)
        #expect(ledger.firstOpenOffset == nil)
        #expect(ledger.aborted(overlapping: 0..<10).isEmpty)
        #expect(ledger.aborted(overlapping: 11..<12).map(\.firstOffset) == [10])
        #expect(ledger.aborted(overlapping: 13..<20).isEmpty)
        ledger.forgetAborted(before: 13)
        #expect(ledger.aborted.isEmpty)
    }

    @Test("A transaction holds the stable offset until its marker is visible too")
    func invisibleMarker() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, offset: 10, transactional: true), now: 0)
        ledger.end(try marker(offset: 12), outcome: .commit, now: 0)
        #expect(ledger.firstUnstableOffset(highWatermark: 12) == 10)
        #expect(ledger.firstUnstableOffset(highWatermark: 13) == nil)
        ledger.showed(upTo: 13)
        #expect(ledger.firstUnstableOffset(highWatermark: 0) == nil)
    }

    @Test("Producers and open transactions are the same after being written down")
    func coding() throws {
        var ledger = ProducerLedger()
        for number in 0..<7 { ledger.append(try header(sequence: Int32(number), offset: Int64(number)), now: 5) }
        var other = try header(sequence: 0, epoch: 3, offset: 8, transactional: true)
        other.producerID = 9
        ledger.append(other, now: 6)
        #expect(ProducerLedger(ledger.encoded) == ledger)
        #expect(ProducerLedger(ledger.encoded.getSlice(at: 0, length: 30) ?? ledger.encoded) == nil)
    }

    @Test("A batch's last offset follows from its sequence numbers, also where they wrap")
    func lastOffset() throws {
        let batch = ProducerLedger.Batch(firstSequence: .max - 1, lastSequence: 1, baseOffset: 100)
        #expect(batch.lastOffset == 103)
    }

    @Test("A plain write inside the producer's open transaction is refused")
    func mixedWrites() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, transactional: true), now: 0)
        #expect(throws: ErrorCode.invalidTransactionState) { try ledger.verdict(on: header(sequence: 1)) }
    }

    @Test("A marker with a newer epoch fences the producer's older writes")
    func markerFences() throws {
        var ledger = ProducerLedger()
        ledger.append(try header(sequence: 0, epoch: 1, transactional: true), now: 0)
        ledger.end(try marker(epoch: 2, offset: 1), outcome: .abort, now: 0)
        #expect(throws: ErrorCode.invalidProducerEpoch) {
            try ledger.verdict(on: header(sequence: 1, epoch: 1, transactional: true))
        }
    }
}
