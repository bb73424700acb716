// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

extension WholeRelay {
    @Suite("The address for inference of a relay")
    struct Address {
        @Test(
            "outlives the deploys: one killed in a watch fails no request sent again once, and drops no release",
            .timeLimit(.minutes(3)))
        func deploysKilled() async throws {
            let directory = FileManager.default.temporaryDirectory.path + "/relay-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let before = Mutex("")
            try await TestRelay.run(on: directory) { relay in
                before.withLock { $0 = relay.inference }
                let project = try relay.project { try $0.edit("relay.yaml", "period: 2s", "period: 6s") }
                let baton = try await relay.release(project)
                try await relay.working(baton, at: "watch")
                let clients = try Clients(relay)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await clients.run() }
                    for process in ["deploy", "deploy-fallback"] {
                        try await clients.flow(30)
                        let old = try relay.processID(of: process)
                        try relay.signal(process, SIGKILL)
                        try await clients.flow(30)
                        _ = try await eventually(within: .seconds(20), "\(process) again") { () -> Bool? in
                            guard let new = try? relay.processID(of: process), new != old else { return nil }
                            return await relay.isReady(process) ? true : nil
                        }
                    }
                    let seen = try await relay.finish(baton)
                    #expect(seen.state.ending?.kind == "finished", "\(seen.state.ending?.reason ?? "")")
                    #expect(seen.state.results.rollout?.endpoint == relay.inference)
                    clients.stop()
                    try await group.waitForAll()
                }
                #expect(clients.failures == [])
                #expect(try await relay.status().contains("inference at \(relay.inference)"))
            }
            try await TestRelay.run(on: directory) { relay in
                #expect(relay.inference == before.withLock { $0 })
                let clients = try Clients(relay)
                #expect(await clients.ask() == nil)
            }
            try FileManager.default.removeItem(atPath: directory)
        }
    }
}

/// Clients that send a request once more when the first time there is no answer.
private final class Clients: Sendable {
    private struct State {
        var sent = 0
        var failures: [String] = []
        var isOver = false
    }

    private let state = Mutex(State())
    private let url: String
    /// One after the other: the same one again and again would be a drift.
    private let bodies: [[UInt8]]

    init(_ relay: TestRelay) throws {
        let file = "\(TestRelay.package)/Tests/Fixtures/quick/inputs/requests.jsonl"
        bodies = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { Array($0.utf8) }
        url = "\(relay.inference)/v2/models/quick/infer"
    }

    var failures: [String] { state.withLock { $0.failures } }

    func stop() { state.withLock { $0.isOver = true } }

    /// Waits until so many more requests have been answered.
    func flow(_ count: Int) async throws {
        let goal = state.withLock { $0.sent } + count
        try await eventually(within: .seconds(30), "\(count) more requests") {
            state.withLock { $0.sent } >= goal ? () : nil
        }
    }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while !self.state.withLock({ $0.isOver }) {
                        let failure = await self.ask()
                        self.state.withLock { state in
                            state.sent += 1
                            if let failure { state.failures.append(failure) }
                        }
                    }
                }
            }
        }
    }

    /// Nil when it was answered, at the second time at the latest.
    func ask() async -> String? {
        let body = bodies[state.withLock { $0.sent } % bodies.count]
        for isLast in [false, true] {
            do {
                let answer = try await HTTPClient(timeout: .seconds(10)).post(url, body: body)
                return answer.status == 200 ? nil : "\(answer.status): \(answer.text)"
            } catch {
                if isLast { return "\(error)" }
            }
        }
        return nil
    }
}

extension TestRelay {
    /// Whether one of the processes says that it is ready.
    func isReady(_ name: String) async -> Bool {
        struct Address: Decodable { var port: Int }
        guard let data = FileManager.default.contents(atPath: "\(directory)/run/\(name).json"),
            let address = try? JSONDecoder().decode(Address.self, from: data)
        else { return false }
        let answer = try? await HTTPClient(timeout: .seconds(1)).get("http://127.0.0.1:\(address.port)/health/ready")
        return answer?.status == 200
    }

    /// What `relay status` prints.
    func status() async throws -> String {
        let lines = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: Self.binaries + "/relay", arguments: ["status", "--data-directory", directory],
                environment: Self.environment, output: .lines { _, line in lines.withLock { $0.append(line) } }))
        #expect(report.succeeded)
        return lines.withLock { $0.joined(separator: "\n") }
    }
}
