// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EmbeddedBroker

@Suite("Batches that could not be written")
struct RefusedBatchesTests {
    private func header(_ sequence: Int32, epoch: Int16 = 0, producer: Int64 = 7) throws -> RecordBatchHeader {
        try TestBatch(values: ["v"], producerID: producer, producerEpoch: epoch, sequence: sequence).header()
    }

    private func refused() throws -> RefusedBatches {
        var refused = RefusedBatches()
        refused.note(try header(4), now: 1000)
        return refused
    }

    @Test("hold back what their producer sends behind them, and not themselves")
    func behind() throws {
        let refused = try refused()
        #expect(refused.holdsBack(try header(5), now: 1001))
        #expect(!refused.holdsBack(try header(4), now: 1001))
    }

    @Test("hold back no other producer, and not their own with a new epoch")
    func others() throws {
        let refused = try refused()
        #expect(!refused.holdsBack(try header(5, producer: 8), now: 1001))
        #expect(!refused.holdsBack(try header(0, epoch: 1), now: 1001))
    }

    @Test("hold nothing back once their producer goes on, or after a while, or when the clock is set back")
    func ends() throws {
        var refused = try refused()
        #expect(refused.holdsBack(try header(5), now: 1000 + RefusedBatches.patienceMilliseconds - 1))
        #expect(!refused.holdsBack(try header(5), now: 1000 + RefusedBatches.patienceMilliseconds))
        #expect(!refused.holdsBack(try header(5), now: 999))
        refused.forget(7)
        #expect(!refused.holdsBack(try header(5), now: 1001))
    }

    @Test("are not remembered of more producers than the limit, until the oldest are over")
    func limit() throws {
        var refused = RefusedBatches()
        for producer in 0...Int64(RefusedBatches.limit) { refused.note(try header(4, producer: producer), now: 1000) }
        let last = try header(5, producer: Int64(RefusedBatches.limit))
        #expect(!refused.holdsBack(last, now: 1000))
        #expect(refused.holdsBack(try header(5, producer: 0), now: 1000))
        let later = 1000 + RefusedBatches.patienceMilliseconds
        refused.note(try header(4, producer: Int64(RefusedBatches.limit)), now: later)
        #expect(refused.holdsBack(last, now: later))
    }
}
