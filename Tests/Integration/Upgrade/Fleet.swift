// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import TestSupport
import Testing

/// A relay whose processes are started and stopped one by one, each from whichever release's binaries.
actor Fleet {
    /// One process of a service.
    struct Member: Sendable {
        let service: String
        let number: Int
        let child: ChildProcess
        let routerPort: Int

        var name: String { "\(service)-\(number)" }
    }

    /// What replacing one service took.
    struct Replacement: Sendable {
        let service: String
        /// From the start of the new process until it said that it is ready.
        let ready: Duration
        /// From SIGTERM until the old one had ended.
        let ended: Duration
    }

    static let services = [
        "captain", "pipeline", "deploy", "monitor", "governance", "pipeline-fallback", "deploy-fallback",
        "monitor-fallback", "governance-fallback",
    ]

    let directory: String
    let kafka: String
    private var members: [String: Member] = [:]
    private var started = 0

    init(directory: String, kafka: String) {
        self.directory = directory
        self.kafka = kafka
    }

    /// Where inference requests can go at the moment.
    var routers: [String] {
        members.values.filter { $0.service.hasPrefix("deploy") }.map { "http://127.0.0.1:\($0.routerPort)" }
    }

    /// Makes what the processes share.
    func prepare() throws {
        for folder in ["run", "logs", "store"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
        let policy = """
            accounts:
              tests:
                monthlyBudget: 1000.00
                currency: USD
            requesters:
              tester:
                account: tests
                models: ["*"]

            """
        let prices = """
            currency: USD
            prices:
              cpuSecond: 0.0000125
              storedGibibyte: 0.02
              request: 0.0000004
              movedGibibyte: 0.09

            """
        try policy.write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        try prices.write(toFile: "\(directory)/rate-card.yaml", atomically: true, encoding: .utf8)
    }

    /// Starts all services from one release, side by side, and waits until all are ready.
    func start(from binaries: String) async throws {
        for service in Self.services { members[service] = try await spawn(service, from: binaries) }
        for member in members.values { try await ready(member) }
    }

    /// Starts another process of a service, and ends the one that is there once the new one is ready.
    func replace(_ service: String, from binaries: String) async throws -> Replacement {
        let old = try #require(members[service])
        let begin = ContinuousClock.now
        let new = try await spawn(service, from: binaries)
        try await ready(new)
        let isReady = ContinuousClock.now
        members[service] = new
        let report = await old.child.terminate(grace: .seconds(15))
        #expect(report.succeeded, "\(old.name) ended with \(report.status)")
        return Replacement(service: service, ready: isReady - begin, ended: .now - isReady)
    }

    func stop() async {
        await withTaskGroup(of: Void.self) { group in
            for member in members.values { group.addTask { _ = await member.child.terminate(grace: .seconds(15)) } }
        }
        members = [:]
    }

    private func spawn(_ service: String, from binaries: String) async throws -> Member {
        started += 1
        let (name, routerPort) = ("\(service)-\(started)", try FreePort.any())
        let parts = service.split(separator: "-").map(String.init)
        let child = try await ChildProcess.spawn(
            Command(
                executable: "\(binaries)/relay-\(parts[0])",
                environment: TestRelay.environment.merging([
                    "RELAY_KAFKA_BOOTSTRAP_SERVERS": kafka, "RELAY_INSTANCE": name,
                    "RELAY_LANE": parts.count > 1 ? "fallback" : "primary", "RELAY_HTTP_PORT": "0",
                    "RELAY_DEPLOY_ROUTER_PORT": "\(routerPort)", "RELAY_ADDRESS_FILE": addressFile(name),
                    "RELAY_DATA_DIRECTORY": "\(directory)/\(name)", "RELAY_STORE_DIRECTORY": "\(directory)/store",
                    "RELAY_GOVERNANCE_POLICY": "\(directory)/policy.yaml",
                    "RELAY_GOVERNANCE_RATE_CARD": "\(directory)/rate-card.yaml", "RELAY_LOG_FORMAT": "json",
                ]) { $1 }, output: .appending(toFile: "\(directory)/logs/\(name).log")))
        return Member(service: service, number: started, child: child, routerPort: routerPort)
    }

    private func ready(_ member: Member) async throws {
        try await Self.ready(member.name, at: addressFile(member.name), logs: "\(directory)/logs")
    }

    private static func ready(_ name: String, at file: String, logs: String) async throws {
        _ = try await eventually(within: .seconds(60), "\(name) ready; logs in \(logs)") {
            struct Address: Decodable { var port: Int }
            guard let data = FileManager.default.contents(atPath: file),
                let port = try? JSONDecoder().decode(Address.self, from: data).port,
                let answer = try? await HTTPClient(timeout: .seconds(2)).get("http://127.0.0.1:\(port)/health/ready")
            else { return nil as Bool? }
            return answer.isSuccess ? true : nil
        }
    }

    private func addressFile(_ name: String) -> String { "\(directory)/run/\(name).json" }
}

/// A port that nobody listens at.
enum FreePort {
    static func any() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard outcome == 0 else { throw NeverHappened(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
