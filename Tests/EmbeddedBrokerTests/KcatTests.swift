// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

@testable import EmbeddedBroker

/// The broker as a client sees it that shares nothing with it.
@Suite("kcat", .enabled(if: Kcat.isInstalled, "kcat is missing; `make` installs it"), .timeLimit(.minutes(1)))
struct KcatTests {
    private func kcat(_ address: BoundAddress, _ arguments: [String]) async throws -> [String] {
        let box = LineBox()
        let report = try await ChildProcess.run(
            Command(
                executable: Kcat.executable, arguments: ["-b", address.description, "-q"] + arguments,
                output: .lines { stream, line in
                    if stream == .standardOutput { box.append(line) }
                }))
        #expect(report.succeeded, "kcat \(arguments)")
        return box.lines
    }

    private func write(_ text: String, in directory: TemporaryDirectory) throws -> String {
        let path = directory.path + "/input"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("What is published is read, whatever the compression", arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func roundTrip(codec: String) async throws {
        let directory = try TemporaryDirectory()
        let values = (0..<500).map { "value \($0)" }
        let input = try write(values.joined(separator: "\n"), in: directory)
        try await BrokerFixture.with { fixture async throws in
            _ = try await kcat(fixture.address, ["-P", "-t", "t", "-p", "0", "-z", codec, "-l", input])
            #expect(try await kcat(fixture.address, ["-C", "-t", "t", "-p", "0", "-e"]) == values)
        }
    }

    @Test("What kcat compressed by zstd is looked into: for keys, for times, and to be compacted")
    func zstd() async throws {
        let directory = try TemporaryDirectory()
        let input = try write((0..<300).map { "k\($0 % 3):value \($0)" }.joined(separator: "\n"), in: directory)
        let compressed = ["-P", "-t", "t", "-p", "0", "-z", "zstd"]
        try await BrokerFixture.with { fixture async throws in
            let configs = ["cleanup.policy": "compact", "segment.ms": "1", "min.cleanable.dirty.ratio": "0"]
            #expect(try await fixture.createTopic("t", configs: configs) == .none)
            _ = try await kcat(fixture.address, compressed + ["-K", ":", "-l", input])
            #expect(try await kcat(fixture.address, ["-Q", "-t", "t:0:0"]) == ["t [0] offset 0"])
            let refused = try await ChildProcess.run(
                Command(
                    executable: Kcat.executable,
                    arguments: ["-b", fixture.address.description, "-q"] + compressed + ["-l", input],
                    output: .lines { _, _ in }))
            #expect(!refused.succeeded, "records without keys")
            try await fixture.broker.clean()
            try await fixture.broker.clean()
            let left = try await kcat(fixture.address, ["-C", "-t", "t", "-p", "0", "-e", "-K", ":"])
            #expect(left == ["k0:value 297", "k1:value 298", "k2:value 299"])
        }
    }

    @Test("An idempotent producer and a group consumer work")
    func group() async throws {
        let directory = try TemporaryDirectory()
        let values = (0..<100).map { "\($0)" }
        let input = try write(values.joined(separator: "\n"), in: directory)
        try await BrokerFixture.with { fixture async throws in
            _ = try await kcat(
                fixture.address, ["-P", "-t", "t", "-X", "enable.idempotence=true", "-l", input])
            for strategy in ["range", "cooperative-sticky"] {
                let read = try await kcat(
                    fixture.address,
                    [
                        "-G", "group-\(strategy)", "-X", "partition.assignment.strategy=\(strategy)",
                        "-X", "auto.offset.reset=earliest", "-c", "100", "t",
                    ])
                #expect(read.sorted() == values.sorted())
            }
        }
    }

    @Test("Offsets are found by time")
    func times() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            _ = try await fixture.produce(TestBatch(values: ["a", "b", "c"], timestamp: 1000), to: "t")
            #expect(try await kcat(fixture.address, ["-Q", "-t", "t:0:1001"]) == ["t [0] offset 1"])
        }
    }
}

/// Collects lines from another thread.
private final class LineBox: Sendable {
    private let collected = Mutex<[String]>([])
    var lines: [String] { collected.withLock { $0 } }
    func append(_ line: String) { collected.withLock { $0.append(line) } }
}

private enum Kcat {
    static let executable = "/usr/bin/kcat"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: executable) }
}
