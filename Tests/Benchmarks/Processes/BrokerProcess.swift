// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TestSupport

/// The embedded broker as a process of its own, as `relay up` runs it.
struct BrokerProcess: Sendable {
    enum Fsync: String, Sendable, CaseIterable {
        case groupCommit = "group-commit"
        case never
    }

    private struct Address: Decodable {
        var host: String
        var port: Int
    }

    let process: ChildProcess
    let servers: String
    /// From the start of the program until it listened.
    let startUp: Duration

    static func start(
        _ surroundings: Surroundings, directory: String, fsync: Fsync = .groupCommit
    ) async throws -> BrokerProcess {
        let file = "\(directory).json"
        try? FileManager.default.removeItem(atPath: file)
        let begun = ContinuousClock.now
        let process = try await ChildProcess.spawn(
            Command(
                executable: try surroundings.executable("relay"),
                arguments: [
                    "broker", "--data-directory", directory, "--listen", "127.0.0.1:0", "--address-file", file,
                    "--fsync", fsync.rawValue,
                ],
                environment: Surroundings.environment, output: .appending(toFile: "\(directory).log")))
        let address = try await eventually(
            within: .seconds(60), pause: .milliseconds(2), "the broker listens (\(directory).log)"
        ) {
            FileManager.default.contents(atPath: file).flatMap { try? JSONDecoder().decode(Address.self, from: $0) }
        }
        return BrokerProcess(
            process: process, servers: "\(address.host):\(address.port)", startUp: ContinuousClock.now - begun)
    }

    func stop() async { await process.terminate(grace: .seconds(15)) }

    /// Its resident memory now, in bytes.
    var residentBytes: Double {
        let status = FileManager.default.contents(atPath: "/proc/\(process.processID)/status") ?? Data()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first).flatMap { Double($0) }
            .map { $0 * 1024 } ?? .nan
    }
}

/// The Kafka that parts 1 and 2 run on: one that was named, else an embedded broker.
struct Cluster: Sendable {
    let servers: String
    let name: String

    static func with(
        _ bench: Bench, _ body: (Cluster) async throws -> Section
    ) async throws -> Section {
        if let external = bench.options.bootstrapServers {
            return try await body(Cluster(servers: external, name: external))
        }
        let directory = try bench.surroundings.directory("broker")
        let broker = try await BrokerProcess.start(bench.surroundings, directory: directory)
        do {
            let section = try await body(Cluster(servers: broker.servers, name: "embedded"))
            await broker.stop()
            try FileManager.default.removeItem(atPath: directory)
            return section
        } catch {
            await broker.stop()
            throw error
        }
    }
}
