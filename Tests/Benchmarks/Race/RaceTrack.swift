// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import Operations
import TestSupport

/// Broker, captain, and the service of each leg in both lanes, as `relay up` runs them; the legs' work is nothing.
final class RaceTrack: Sendable {
    let surroundings: Surroundings
    let directory: String
    let broker: BrokerProcess
    private let holdsBuilds: Bool
    private let processes: Processes

    /// The processes that run now, by name.
    private actor Processes {
        var running: [String: ChildProcess] = [:]

        func set(_ process: ChildProcess, _ name: String) { running[name] = process }
        var all: [ChildProcess] { Array(running.values) }
    }

    private init(_ surroundings: Surroundings, _ directory: String, _ broker: BrokerProcess, holdsBuilds: Bool) {
        self.surroundings = surroundings
        self.directory = directory
        self.broker = broker
        self.holdsBuilds = holdsBuilds
        processes = Processes()
    }

    /// - Parameter holdsBuilds: The primary pipeline never ends a build.
    static func with<Value: Sendable>(
        _ bench: Bench, holdsBuilds: Bool, _ body: (RaceTrack) async throws -> Value
    ) async throws -> Value {
        let directory = try bench.surroundings.directory("race")
        let broker = try await BrokerProcess.start(bench.surroundings, directory: "\(directory)/broker")
        let track = RaceTrack(bench.surroundings, directory, broker, holdsBuilds: holdsBuilds)
        let result = await Result {
            try await track.startAll()
            return try await body(track)
        }
        await track.stopAll()
        let value = try result.get()
        try FileManager.default.removeItem(atPath: directory)
        return value
    }

    private static let legs = Leg.allCases.flatMap { leg in
        RaceLane.allCases.map { (name: "\(leg.rawValue)-\($0.rawValue)", leg: leg, lane: $0) }
    }

    private func startAll() async throws {
        try await start("captain")
        for leg in Self.legs { try await start(leg.name) }
        for name in ["captain"] + Self.legs.map(\.name) { try await ready(name) }
    }

    private func stopAll() async {
        await withTaskGroup(of: Void.self) { group in
            for process in await processes.all {
                group.addTask { await process.terminate(grace: .seconds(12)) }
            }
        }
        await broker.stop()
    }

    func start(_ name: String) async throws {
        var environment = Surroundings.environment.merging([
            "RELAY_KAFKA_BOOTSTRAP_SERVERS": broker.servers, "RELAY_INSTANCE": "\(name)-0",
            "RELAY_ADDRESS_FILE": addressFile(name), "RELAY_DATA_DIRECTORY": "\(directory)/\(name)",
            "RELAY_STORE_DIRECTORY": "\(directory)/store", "RELAY_LOG_FORMAT": "json",
        ]) { $1 }
        var executable = "relay-captain"
        if let leg = Self.legs.first(where: { $0.name == name }) {
            executable = "relay-bench"
            environment[RelayBenchMain.legVariable] = leg.leg.rawValue
            environment["RELAY_LANE"] = leg.lane.rawValue
            if holdsBuilds, leg.leg == .pipeline, leg.lane == .primary {
                environment[RelayBenchMain.holdVariable] = "yes"
            }
        }
        try? FileManager.default.removeItem(atPath: addressFile(name))
        let process = try await ChildProcess.spawn(
            Command(
                executable: try surroundings.executable(executable), environment: environment,
                output: .appending(toFile: "\(directory)/\(name).log")))
        await processes.set(process, name)
    }

    func process(_ name: String) async throws -> ChildProcess {
        guard let process = await processes.running[name] else { throw BenchFailure("no process \(name)") }
        return process
    }

    private func addressFile(_ name: String) -> String { "\(directory)/\(name).json" }

    /// Waits until a process says that it is ready.
    func ready(_ name: String) async throws {
        struct Address: Decodable {
            var host: String
            var port: Int
        }
        let file = addressFile(name)
        _ = try await eventually(
            within: .seconds(30), pause: .milliseconds(2), "\(name) is ready (\(directory)/\(name).log)"
        ) {
            guard let data = FileManager.default.contents(atPath: file),
                let address = try? JSONDecoder().decode(Address.self, from: data),
                let answer = try? await HTTPClient(timeout: .seconds(2)).get(
                    "http://\(address.host):\(address.port)/health/ready")
            else { return nil as Bool? }
            return answer.isSuccess ? true : nil
        }
    }
}
