// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Logging
import NIOCore
import Testing

@testable import EmbeddedBroker

/// What was acknowledged survives the sudden end of the broker's process.
@Suite("A killed broker", .timeLimit(.minutes(2)))
struct KilledBrokerTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Runs one life of the broker process, ended by SIGKILL.
    private func life<Value>(fsync: String = "group-commit", _ body: (BrokerFixture) async throws -> Value) async throws
        -> Value
    {
        let process = try await BrokerProcess.start(directory: directory.path, fsync: fsync)
        do {
            let quiet = EmbeddedBroker(BrokerConfiguration(dataDirectory: ""))
            let fixture = BrokerFixture(
                broker: quiet, address: process.address, client: try await TestClient(process.address))
            let value = try await body(fixture)
            await process.kill()
            return value
        } catch {
            await process.kill()
            throw error
        }
    }

    @Test("Acknowledged records and committed offsets are all there", arguments: ["group-commit", "never"])
    func acknowledged(fsync: String) async throws {
        try await life(fsync: fsync) { fixture in
            #expect(try await fixture.createTopic("t") == .none)
            for number in 0..<200 {
                let answer = try await fixture.produce(TestBatch(values: ["\(number)"]), to: "t")
                #expect(answer.baseOffset == Int64(number))
            }
            let place = OffsetCommitRequest.Partition(index: 0, offset: 123, metadata: "map")
            let commit = try await fixture.client.send(
                OffsetCommitRequest(groupID: "g", topics: [.init(name: "t", partitions: [place])]))
            #expect(commit.topics[0].partitions[0].error == .none)
        }
        try await life(fsync: fsync) { fixture in
            let read = try await fixture.fetch("t", from: 0)
            #expect(read.highWatermark == 200)
            #expect(read.headers.map(\.baseOffset) == Array(0..<200))
            let offsets = try await fixture.client.send(OffsetFetchRequest(groupID: "g"), version: 7)
            #expect(offsets.topics.first?.partitions.first?.offset == 123)
        }
    }

    @Test("A committed transaction stays committed; an open one can still be committed by its owner, or is aborted")
    func transactions() async throws {
        func batch(_ producer: InitProducerIdResponse, _ sequence: Int32) -> TestBatch {
            TestBatch(
                values: ["v"], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                sequence: sequence, isTransactional: true)
        }
        let producers = try await life { fixture in
            _ = try await fixture.createTopic("t")
            var producers: [InitProducerIdResponse] = []
            for id in ["done", "resumed", "left"] {
                let producer = try await fixture.initialise(id)
                #expect(try await fixture.addPartition("t", to: id, producer) == .none)
                #expect(try await fixture.produce(batch(producer, 0), to: "t", transactionalID: id).error == .none)
                producers.append(producer)
            }
            #expect(try await fixture.end("done", producers[0], commit: true) == .none)
            return producers
        }
        try await life { fixture in
            // The open transactions still hold readers back: they begin before the committed one's marker.
            #expect(try await fixture.fetch("t", from: 0, committedOnly: true).lastStableOffset == 1)
            #expect(try await fixture.end("done", producers[0], commit: true) == .none)
            #expect(
                try await fixture.produce(batch(producers[1], 1), to: "t", transactionalID: "resumed").error == .none)
            #expect(try await fixture.end("resumed", producers[1], commit: true) == .none)
            let successor = try await fixture.initialise("left")
            #expect(successor.producerEpoch > producers[2].producerEpoch)
            let read = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: 10_000)
            #expect(read.abortedTransactions?.map(\.producerID) == [producers[2].producerID])
            // 3 records, the first life's marker, 1 record, 2 markers.
            #expect(read.headers.count == 7)
        }
    }

    @Test("Killed again and again while it writes, it has every acknowledged record, once and in order")
    func killedWhileWriting() async throws {
        var acknowledged = 0
        var sequence: Int32 = 0
        let producer = try await life { fixture in
            _ = try await fixture.createTopic("t")
            return try await fixture.initialise(nil)
        }
        for _ in 0..<4 {
            let process = try await BrokerProcess.start(directory: directory.path)
            let fixture = BrokerFixture(
                broker: EmbeddedBroker(BrokerConfiguration(dataDirectory: "")), address: process.address,
                client: try await TestClient(process.address))
            // The process dies when a certain number has been acknowledged, with more under way.
            let deadline = acknowledged + 50
            do {
                while true {
                    let batch = TestBatch(
                        values: ["\(sequence)"], producerID: producer.producerID, producerEpoch: 0, sequence: sequence)
                    async let answer = fixture.produce(batch, to: "t")
                    if acknowledged == deadline { process.child.signal(.kill) }
                    #expect(try await answer.error == .none)
                    #expect(try await answer.baseOffset == Int64(sequence))
                    acknowledged += 1
                    sequence += 1
                }
            } catch is TestClient.ConnectionClosed {
                // The batch under way is sent again in the next life, under the same sequence number.
                _ = await process.child.exit()
            }
        }
        try await life { fixture in
            let read = try await fixture.fetch("t", from: 0)
            let headers = read.headers
            #expect(headers.count >= acknowledged)
            #expect(headers.map(\.baseSequence) == Array(0..<Int32(headers.count)))
        }
    }
}
