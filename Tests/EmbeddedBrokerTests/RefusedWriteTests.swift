// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

@testable import EmbeddedBroker

/// Writes that fail, and later do not. The broker's process is held to a largest file size, which needs no root and
/// fails its writes as a full disk does.
@Suite("Writes that are refused for a while", .timeLimit(.minutes(1)))
struct RefusedWriteTests {
    @Test("What was sent behind a batch that could not be written is refused too, and taken behind it")
    func inOrder() async throws {
        try await life { fixture, process in
            #expect(try await fixture.createTopic("t") == .none)
            #expect(try await fixture.produce(TestBatch(values: ["first"]), to: "t").error == .none)
            let producer = try await fixture.initialise(nil)
            // Once from a producer that the partition does not know, once from one that it knows.
            for sequence in [0, 2] as [Int32] {
                let batches = [0, 1].map {
                    TestBatch(values: ["v"], producerID: producer.producerID, producerEpoch: 0, sequence: sequence + $0)
                }
                try await process.limitFiles(bytes: 1)
                #expect(try await fixture.produce(batches[0], to: "t").error == .storageError)
                try await process.limitFiles(bytes: nil)
                #expect(try await fixture.produce(batches[1], to: "t").error == .storageError)
                #expect(try await fixture.produce(batches[0], to: "t").baseOffset == Int64(sequence) + 1)
                #expect(try await fixture.produce(batches[1], to: "t").baseOffset == Int64(sequence) + 2)
            }
        }
    }

    @Test("A transaction whose end cannot be written stays open, nobody is fenced, and its owner is told to ask again")
    func undecided() async throws {
        try await life { fixture, process in
            let producer = try await begun(fixture, values: ["v"])
            try await process.limitFiles(bytes: 1)
            #expect(try await fixture.end("id", producer, commit: true) == .notCoordinator)
            #expect(try await fixture.initialise("id").error == .notCoordinator)
            try await process.limitFiles(bytes: nil)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
        }
    }

    @Test("A transaction that is decided is applied when it can be, and lets nobody begin before")
    func decided() async throws {
        try await life { fixture, process in
            // The partition's log is over the limit then, and the log of decisions is not.
            let producer = try await begun(fixture, values: [String(repeating: "v", count: 200_000)])
            try await process.limitFiles(bytes: 100_000)
            #expect(try await fixture.end("id", producer, commit: true) == .none)
            #expect(try await fixture.addPartition("t", to: "id", producer) == .concurrentTransactions)
            #expect(try await fixture.initialise("id").error == .concurrentTransactions)
            try await process.limitFiles(bytes: nil)
            // The suite's time limit ends the wait.
            while try await fixture.addPartition("t", to: "id", producer) == .concurrentTransactions {}
            // Applied is not yet synced, and readers of committed records see what is.
            var read = try await fixture.fetch("t", from: 0, committedOnly: true)
            while read.lastStableOffset == 0 { read = try await fixture.fetch("t", from: 0, committedOnly: true) }
            #expect(read.lastStableOffset == 2)
            #expect(read.abortedTransactions?.isEmpty != false)
        }
    }

    /// A transaction with one batch.
    private func begun(_ fixture: BrokerFixture, values: [String]) async throws -> InitProducerIdResponse {
        #expect(try await fixture.createTopic("t") == .none)
        let producer = try await fixture.initialise("id")
        #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
        // Of now, like its marker: a segment that holds older records would be closed before the marker.
        let batch = TestBatch(
            values: values, producerID: producer.producerID,
            producerEpoch: producer.producerEpoch, sequence: 0,
            isTransactional: true, timestamp: Int64(Date().timeIntervalSince1970 * 1000))
        #expect(try await fixture.produce(batch, to: "t", transactionalID: "id").error == .none)
        return producer
    }

    private func life(_ body: (BrokerFixture, BrokerProcess) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let process = try await BrokerProcess.start(
            executable: "/bin/sh",
            arguments: [
                // A write beyond the limit fails then, instead of ending the process.
                "-c", #"trap "" XFSZ; exec "$0" "$@""#, try BrokerProcess.executable, "broker", "--data-directory",
                directory.path, "--listen", "127.0.0.1:0",
            ])
        do {
            let fixture = BrokerFixture(
                broker: EmbeddedBroker(BrokerConfiguration(dataDirectory: "")), address: process.address,
                client: try await TestClient(process.address))
            try await body(fixture, process)
        } catch {
            await process.kill()
            throw error
        }
        await process.kill()
        withExtendedLifetime(directory) {}
    }
}

extension BrokerProcess {
    /// Sets the largest size of a file that the process writes; nil for none.
    fileprivate func limitFiles(bytes: Int?) async throws {
        let limit = bytes.map(String.init) ?? "unlimited"
        let report = try await ChildProcess.run(
            Command(executable: "/usr/bin/prlimit", arguments: ["--pid", "\(child.processID)", "--fsize=\(limit):"]))
        #expect(report.succeeded)
    }
}
