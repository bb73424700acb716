// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

/// The log of a partition and the metadata log are synced apart: either may be ahead of the other.
@Suite("A loss of power", .timeLimit(.minutes(1)))
struct PowerLossTests {
    /// What a broker writes again when it starts is shown once it is synced.
    private static let syncLimit: Int32 = 30_000

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func batch(_ producer: InitProducerIdResponse, _ sequence: Int32) -> TestBatch {
        TestBatch(
            values: ["v"], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
            sequence: sequence, isTransactional: true,
            // As old as its marker: one much younger begins a segment of its own.
            timestamp: Int64(Date().timeIntervalSince1970 * 1000))
    }

    private func write(
        _ sequence: Int32, by producer: InitProducerIdResponse, through fixture: BrokerFixture
    ) async throws {
        #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
        #expect(try await fixture.produce(batch(producer, sequence), to: "t", transactionalID: "id").error == .none)
    }

    /// One record at offset 0, committed, with its marker at offset 1.
    private func commitOne(through fixture: BrokerFixture) async throws -> InitProducerIdResponse {
        #expect(try await fixture.createTopic("t") == .none)
        let producer = try await fixture.initialise("id")
        try await write(0, by: producer, through: fixture)
        #expect(try await fixture.end("id", producer, commit: true) == .none)
        return producer
    }

    private func expectCommitted(
        markers: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let read = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: Self.syncLimit)
            #expect(read.abortedTransactions == [], sourceLocation: sourceLocation)
            #expect(
                read.headers.map(\.isControl)
                    == [false] + Array(repeating: true, count: markers), sourceLocation: sourceLocation)
        }
    }

    @Test("A committed transaction stays committed when its marker is lost")
    func lostMarker() async throws {
        try await BrokerFixture.with(directory: directory) { _ = try await commitOne(through: $0) }
        try PowerLoss.strike(directory, topic: "t", keeping: 1)
        try await expectCommitted()
    }

    @Test("It stays committed when the producer's next transaction is open, and loses its records too")
    func lostMarkerAndOpenSuccessor() async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let producer = try await commitOne(through: fixture)
            try await write(1, by: producer, through: fixture)
        }
        try PowerLoss.strike(directory, topic: "t", keeping: 1)
        try await expectCommitted()
    }

    @Test("It stays committed when the producer's next transaction is aborted, and loses its records too")
    func lostMarkerAndAbortedSuccessor() async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let producer = try await commitOne(through: fixture)
            try await write(1, by: producer, through: fixture)
            #expect(try await fixture.end("id", producer, commit: false) == .none)
        }
        try PowerLoss.strike(directory, topic: "t", keeping: 1)
        try await expectCommitted()
    }

    @Test("It stays committed when the metadata log was compacted before the power went")
    func lostMarkerAfterCompaction() async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            _ = try await commitOne(through: fixture)
            // At a clean stop the log is compacted if it has grown.
            for number in 0..<40 {
                let place = OffsetCommitRequest.Partition(
                    index: 0, offset: Int64(number), metadata: String(repeating: "x", count: 4000))
                _ = try await fixture.client.send(
                    OffsetCommitRequest(groupID: "g", topics: [.init(name: "t", partitions: [place])]))
            }
        }
        var decisions = 0
        _ = try MetadataLog(path: directory.path + "/metadata.log") {
            if case .transaction(let record) = $0, record.state == Transaction.State.prepareCommit.rawValue {
                decisions += 1
            }
        }
        #expect(decisions == 0)
        try PowerLoss.strike(directory, topic: "t", keeping: 1)
        try await expectCommitted()
    }

    @Test("What the producer began after a committed transaction is aborted, whose marker is there")
    func openSuccessor() async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let producer = try await commitOne(through: fixture)
            try await write(1, by: producer, through: fixture)
        }
        try PowerLoss.restartMachine(directory)
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let read = try await fixture.fetch("t", from: 2, committedOnly: true, maxWait: Self.syncLimit)
            #expect(read.abortedTransactions?.map(\.firstOffset) == [2])
            #expect(read.lastStableOffset == 4)
        }
    }

    @Test("A commit whose records are lost says nothing about what is written in their place")
    func reusedOffsets() async throws {
        func configure(_ configuration: inout BrokerConfiguration) { configuration.fsync = .never }
        let producer = try await BrokerFixture.with(directory: directory, configure: configure) {
            try await commitOne(through: $0)
        }
        try PowerLoss.strike(directory, topic: "t", keeping: 0)
        try await BrokerFixture.with(directory: directory, configure: configure) { fixture async throws in
            try await write(1, by: producer, through: fixture)
        }
        try PowerLoss.restartMachine(directory)
        try await BrokerFixture.with(directory: directory, configure: configure) { fixture async throws in
            let read = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: Self.syncLimit)
            #expect(read.abortedTransactions?.map(\.firstOffset) == [0])
        }
    }
}
