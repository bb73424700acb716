// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Record batches")
struct RecordBatchTests {
    @Test("The checksum is CRC-32C")
    func checksum() {
        let bytes = Array("123456789".utf8)
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == 0xE306_9283)
        #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { CRC32C.checksum($0) } == 0x8A91_36AA)
    }

    @Test("The processor's checksum is the tables' for every length and alignment")
    func checksumBothWays() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<9 {
                for end in start...bytes.count {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    #expect(CRC32C.checksum(part) == CRC32C.byTables(part))
                }
            }
        }
    }

    @Test("A sound batch passes and its head says what it holds")
    func soundBatch() throws {
        let header = try TestBatch(values: ["a", "b", "c"], producerID: 9, producerEpoch: 2, sequence: 5).header()
        #expect(header.recordCount == 3)
        #expect(header.producerID == 9)
        #expect(header.lastSequence == 7)
    }

    @Test("A batch with any covered bit flipped is refused as corrupt")
    func flippedBits() throws {
        let good = TestBatch(values: ["hello"]).bytes
        for index in RecordBatchHeader.checksumStart..<good.readableBytes {
            var bad = good
            bad.setInteger((try #require(bad.getInteger(at: index, as: UInt8.self))) ^ 0x10, at: index)
            #expect(throws: ErrorCode.corruptMessage) { try RecordBatchCheck.check(bad) }
        }
    }

    @Test("Old formats, several batches and control batches from clients are refused")
    func refusals() throws {
        var old = TestBatch(values: ["x"]).bytes
        old.setInteger(Int8(1), at: 16)
        #expect(throws: ErrorCode.unsupportedForMessageFormat) { try RecordBatchCheck.check(old) }
        var two = TestBatch(values: ["x"]).bytes
        two.writeImmutableBuffer(TestBatch(values: ["y"]).bytes)
        #expect(throws: ErrorCode.invalidRecord) { try RecordBatchCheck.check(two) }
        let control = ControlBatch.marker(.commit, producerID: 1, producerEpoch: 0, timestamp: 0)
        #expect(throws: ErrorCode.invalidRecord) { try RecordBatchCheck.check(control) }
        #expect(throws: ErrorCode.invalidRecord) { try RecordBatchCheck.check(nil) }
        #expect(throws: ErrorCode.corruptMessage) {
            try RecordBatchCheck.check(TestBatch(values: ["x"]).bytes.getSlice(at: 0, length: 40))
        }
    }

    @Test("A marker tells its outcome", arguments: [TransactionOutcome.commit, .abort])
    func markers(outcome: TransactionOutcome) throws {
        let batch = ControlBatch.marker(outcome, producerID: 1, producerEpoch: 3, timestamp: 17)
        let header = try #require(RecordBatchHeader(batch, at: 0))
        #expect(header.isControl && header.isTransactional)
        #expect(header.totalSize == batch.readableBytes)
        #expect(ControlBatch.outcome(of: batch) == outcome)
    }
}
