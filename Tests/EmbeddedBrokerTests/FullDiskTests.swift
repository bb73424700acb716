// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Logging
import NIOCore
import Testing

@testable import EmbeddedBroker

/// A broker in a mount namespace of its own, on a disk of a few megabytes that the test fills.
@Suite(
    "A full disk", .timeLimit(.minutes(3)), .enabled("needs root and mount namespaces") { await SmallDisk.isPossible })
struct FullDiskTests {
    private func filler(_ number: Int) -> TestBatch {
        TestBatch(values: [String(repeating: "x", count: 100_000), "\(number)"])
    }

    @Test(
        "Writes are refused, reads go on, nothing acknowledged is lost, and with room writes go on")
    func fullDisk() async throws {
        let directory = try TemporaryDirectory()
        let process = try await SmallDisk.start(directory: directory.path, megabytes: 8)
        let ballast = "/proc/\(process.child.processID)/root\(directory.path)/ballast"
        try Data(count: 2 << 20).write(to: URL(filePath: ballast))
        let fixture = BrokerFixture(
            broker: EmbeddedBroker(BrokerConfiguration(dataDirectory: "")), address: process.address,
            client: try await TestClient(process.address))
        #expect(try await fixture.createTopic("t", configs: ["segment.bytes": "1000000"]) == .none)
        let producer = try await fixture.initialise("id")
        #expect(try await fixture.addPartition("t", to: "id", producer) == .none)
        var batch = TestBatch(values: ["v"], producerID: producer.producerID, producerEpoch: 0, sequence: 0)
        batch.isTransactional = true
        #expect(try await fixture.produce(batch, to: "t", transactionalID: "id").error == .none)

        var acknowledged: [Int64] = [0]
        var refusal = ErrorCode.none
        for number in 0..<100 where refusal == .none {
            let answer = try await fixture.produce(filler(number), to: "t")
            refusal = answer.error
            if refusal == .none { acknowledged.append(answer.baseOffset) }
        }
        #expect(refusal == .storageError)
        #expect(acknowledged.count > 20)
        // The last free page goes too.
        let small = TestBatch(values: [String(repeating: "y", count: 900)])
        while true {
            let answer = try await fixture.produce(small, to: "t")
            guard answer.error == .none else { break }
            acknowledged.append(answer.baseOffset)
        }
        let full = try await fixture.fetch("t", from: 0)
        #expect(full.error == .none)
        let end = full.highWatermark
        #expect(try #require(acknowledged.last) < end)
        #expect(Set(acknowledged).count == acknowledged.count)

        // A decision that cannot be written down is not taken; it can be taken when there is room.
        let outcomes = try await [
            fixture.end("id", producer, commit: true), fixture.end("id", producer, commit: true),
        ]
        try FileManager.default.removeItem(atPath: ballast)
        if outcomes.last != ErrorCode.none { #expect(try await endRepeatedly(fixture, producer) == .none) }
        let committed = try await fixture.fetch("t", from: 0, committedOnly: true, maxWait: 30_000)
        #expect(committed.headers.first?.baseOffset == 0)
        let answer = try await fixture.produce(filler(1000), to: "t")
        #expect(answer.error == .none)
        #expect(answer.baseOffset == end + 1)

        // Everything is there for a broker that starts on what the disk holds.
        let copy = try TemporaryDirectory()
        let source = "/proc/\(process.child.processID)/root\(directory.path)/"
        _ = try await ChildProcess.run(Command(executable: "/bin/cp", arguments: ["-a", source + ".", copy.path]))
        await process.kill()
        try await BrokerFixture.with(directory: copy) { fixture async throws in
            let read = try await fixture.fetch("t", from: 0, maxBytes: 50 << 20)
            #expect(read.highWatermark == end + 3)
            #expect(read.lastStableOffset == end + 3)
        }
    }

    /// The answer to an end that may still be under way says so; a client asks again.
    private func endRepeatedly(_ fixture: BrokerFixture, _ producer: InitProducerIdResponse) async throws -> ErrorCode {
        while true {
            let code = try await fixture.end("id", producer, commit: true)
            guard code == .concurrentTransactions else { return code }
        }
    }
}

/// A small memory disk that only one broker sees.
private enum SmallDisk {
    static var isPossible: Bool {
        get async {
            guard geteuid() == 0 else { return false }
            let probe = Command(
                executable: "/usr/bin/unshare",
                arguments: ["-m", "/bin/sh", "-c", "/bin/mount -t tmpfs -o size=1m none /mnt"])
            guard let report = try? await ChildProcess.run(probe) else { return false }
            return report.succeeded
        }
    }

    static func start(directory: String, megabytes: Int) async throws -> BrokerProcess {
        let script = """
            /bin/mount -t tmpfs -o size=\(megabytes)m none "$1" || exit
            exec "$0" broker --data-directory "$1" --listen 127.0.0.1:0
            """
        return try await BrokerProcess.start(
            executable: "/usr/bin/unshare",
            arguments: ["-m", "/bin/sh", "-c", script, try BrokerProcess.executable, directory])
    }
}
