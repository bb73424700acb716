// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import Synchronization
import TestSupport
import Testing

/// A steady stream of requests for releases, and of inference requests to what is released.
final class Stream: Sendable {
    /// So many that a model's next release comes when the one before has been watched.
    static let models = 8
    /// What makes the rates of requests; nothing is waited for.
    private static let pause = Duration.milliseconds(2500)
    private static let playPause = Duration.milliseconds(300)

    private let kafka: String
    /// One for each model.
    private let projects: [Project]
    private let state = Mutex((count: 0, hasEnded: false))

    init(kafka: String, projects: [Project]) {
        self.kafka = kafka
        self.projects = projects
    }

    /// Requests that Kafka has acknowledged.
    var count: Int { state.withLock { $0.count } }

    func end() { state.withLock { $0.hasEnded = true } }

    /// A copy of the quick project with a model of its own, which is content with little traffic: many batons share it.
    static func project(_ number: Int, in directory: String) throws -> Project {
        let copy = "\(directory)/projects/\(name(number))"
        try FileManager.default.createDirectory(atPath: "\(directory)/projects", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(TestRelay.package)/Tests/Fixtures/quick", toPath: copy)
        let project = Project(directory: copy)
        try project.edit("relay.yaml", "name: quick", "name: \(name(number))")
        try project.edit("relay.yaml", "minimumPredictions: 10", "minimumPredictions: 1")
        return project
    }

    private static func name(_ number: Int) -> String { "upgraded-\(number)" }

    /// Asks for a release now and then, straight through Kafka, until it is ended.
    func ask() async throws {
        while !state.withLock({ $0.hasEnded }), !Task.isCancelled {
            let number = count
            let project = projects[number % Self.models]
            let lines = Mutex<[String]>([])
            let report = try await TestRelay.command([
                "publish", "--direct", "--bootstrap-servers", kafka, "--project", project.directory, "--requester",
                "tester", "--id", "upgrade-\(number)", "--set", "work.mebibytes=\(40 + number)",
            ]) { _, line in lines.withLock { $0.append(line) } }
            try #require(report.succeeded, "\(lines.withLock { $0 })")
            state.withLock { $0.count += 1 }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Waits for some more requests.
    func asked(more: Int) async throws {
        let goal = count + more
        _ = try await eventually(within: .seconds(60), "\(goal) requests") { self.count >= goal ? true : nil }
    }

    /// Plays the sample requests of every model to every router that is there.
    func play(to fleet: Fleet) async throws {
        let file = "\(TestRelay.package)/Tests/Fixtures/quick/inputs/requests.jsonl"
        let bodies = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        var turn = 0
        while !Task.isCancelled {
            for router in await fleet.routers {
                // All of them in turn for each model: some alone would be a drift.
                turn += 3
                for (number, step) in (0..<Self.models).flatMap({ number in (0..<3).map { (number, $0) } }) {
                    let body = bodies[(turn + step) % bodies.count]
                    // One that is being replaced, or has no such release yet, need not answer.
                    _ = try? await HTTPClient(timeout: .seconds(1)).post(
                        "\(router)/v2/models/\(Self.name(number))/infer", body: Array(body.utf8))
                }
            }
            try await Task.sleep(for: Self.playPause)
        }
    }
}
