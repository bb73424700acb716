// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Metadata log")
struct MetadataLogTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/metadata.log" }

    init() throws { directory = try TemporaryDirectory() }

    private func contents() throws -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        _ = try MetadataLog(path: path) { records.append($0) }
        return records
    }

    private func random<Record: WireStructure>(_: Record.Type, seed: UInt64) throws -> Record {
        var filler = RandomFiller(version: MetadataCoding.version, seed: seed)
        return try filler.message(Record.self)
    }

    @Test("Every kind of record is read back as it was written")
    func roundTrip() throws {
        var written: [MetadataRecord] = []
        for seed in UInt64(0)..<20 {
            written += [
                .cluster(try random(ClusterRecord.self, seed: seed)),
                .topic(try random(TopicRecord.self, seed: seed)),
                .topicDeleted(try random(TopicDeletedRecord.self, seed: seed)),
                .logStart(try random(LogStartRecord.self, seed: seed)),
                .producerBlock(try random(ProducerBlockRecord.self, seed: seed)),
                .transaction(try random(TransactionRecord.self, seed: seed)),
                .offsets(try random(OffsetsRecord.self, seed: seed)),
                .offsetsDeleted(try random(OffsetsDeletedRecord.self, seed: seed)),
                .group(try random(GroupRecord.self, seed: seed)),
                .groupDeleted(try random(GroupDeletedRecord.self, seed: seed)),
                .transactionDeleted(try random(TransactionDeletedRecord.self, seed: seed)),
                .groupEmptied(try random(GroupEmptiedRecord.self, seed: seed)),
                .committed(try random(CommittedRecord.self, seed: seed)),
            ]
        }
        try MetadataLog(path: path) { _ in }.append(written)
        #expect(try contents() == written)
    }

    @Test("A torn or damaged record ends the log, and what is appended then follows the last whole one")
    func tornTail() throws {
        let records = (0..<3).map { MetadataRecord.producerBlock(ProducerBlockRecord(next: $0)) }
        try MetadataLog(path: path) { _ in }.append(records)
        let whole = try Data(contentsOf: URL(filePath: path))
        for cut in (whole.count / 3 * 2)..<whole.count {
            try whole.prefix(cut).write(to: URL(filePath: path))
            #expect(try contents() == Array(records.prefix(2)))
            try MetadataLog(path: path) { _ in }.append([records[0]])
            #expect(try contents() == [records[0], records[1], records[0]])
        }
    }

    @Test("No damaged byte takes whole records behind it: the log is not opened, and not changed")
    func damaged() throws {
        let records = (0..<4).map { MetadataRecord.groupDeleted(GroupDeletedRecord(groupID: "group \($0)")) }
        try MetadataLog(path: path) { _ in }.append(records)
        let whole = try Data(contentsOf: URL(filePath: path))
        for place in 0..<(whole.count / 4 * 3) {
            var bytes = whole
            bytes[place] ^= 0x41
            try bytes.write(to: URL(filePath: path))
            #expect(throws: MetadataLog.Damaged.self, "byte \(place)") { try contents() }
            #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        }
    }

    @Test("A compacted log holds what it was given, and goes on from there")
    func replacement() throws {
        let log = try MetadataLog(path: path) { _ in }
        try log.append((0..<100).map { .producerBlock(ProducerBlockRecord(next: $0)) })
        let last = MetadataRecord.producerBlock(ProducerBlockRecord(next: 99))
        try log.replace(with: [last])
        let next = MetadataRecord.groupDeleted(GroupDeletedRecord(groupID: "g"))
        try log.append([next])
        #expect(try contents() == [last, next])
    }

    @Test("Offsets of a transaction count from its decision on")
    func stagedOffsets() {
        let place = TopicPartition(topic: "t", partition: 0)
        let offset = CommittedOffset(offset: 7, leaderEpoch: -1, metadata: "m", committedAt: 1)
        var transaction = Transaction(id: "id", producerID: 5)
        transaction.initialise(expectedEpoch: -1, newProducerID: nil, timeoutMilliseconds: 1000, now: 0)
        _ = transaction.add(partitions: [], groups: ["g"], now: 1)
        for outcome in [TransactionOutcome.commit, .abort] {
            var image = MetadataImage()
            image.apply(.transaction(transaction.record))
            image.apply(.offsets(OffsetsRecord(groupID: "g", producerID: 5, [place: offset])))
            #expect(image.offsets["g"]?.isUnstable(place) == true)
            #expect(image.offsets["g"]?.committed.isEmpty == true)
            var decided = transaction
            decided.prepare(outcome, now: 2)
            image.apply(.transaction(decided.record))
            #expect(image.offsets["g"]?.isUnstable(place) == false)
            #expect(image.offsets["g"]?.committed[place] == (outcome == .commit ? offset : nil))
        }
    }
}
