// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

/// Where a race takes place: directories, programs, and how each process is started.
struct Venue: Sendable {
    /// Everything of one race is below it.
    let directory: String
    /// The directory of the suite's programs.
    let executables: String
    let session: Duration
    /// The library that skews clocks; nil where it is not built.
    let clockLibrary: String?

    var broker: String { "\(directory)/broker" }
    var store: String { "\(directory)/store" }
    var logs: String { "\(directory)/logs" }
    var run: String { "\(directory)/run" }
    var projects: String { "\(directory)/projects" }

    func log(of process: String) -> String { "\(logs)/\(process).log" }
    func addressFile(of process: String) -> String { "\(run)/\(process).json" }

    func prepare() throws {
        for path in [broker, store, logs, run, projects] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try Self.policy.write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        try Self.rateCard.write(toFile: "\(directory)/rate-card.yaml", atomically: true, encoding: .utf8)
    }

    // MARK: Commands

    /// The broker, with a listener for each link that tells clients the link's port.
    func brokerCommand(links: [Int], skewSeconds: Int) -> Command {
        let listeners = links.flatMap { ["--listen", "127.0.0.1:0=127.0.0.1:\($0)"] }
        return Command(
            executable: "\(executables)/relay",
            arguments: ["broker", "--data-directory", broker, "--address-file", addressFile(of: Cast.broker)]
                + listeners,
            environment: environment(skewSeconds), workingDirectory: run,
            output: .appending(toFile: log(of: Cast.broker)))
    }

    /// A service behind a link.
    /// - Parameters:
    ///   - service: its name in `Cast`, which says its lane.
    ///   - instance: which of its instances, from 0.
    func command(_ service: String, instance: Int, link: Int, skewSeconds: Int) -> Command {
        let isFallback = service.hasSuffix("-fallback")
        let program = isFallback ? String(service.dropLast("-fallback".count)) : service
        let name = Self.process(service, instance)
        return Command(
            executable: "\(executables)/relay-\(program)",
            environment: environment(skewSeconds).merging([
                "RELAY_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(link)", "RELAY_INSTANCE": "\(service)-\(instance)",
                "RELAY_KAFKA_SESSION_TIMEOUT": "\(session.milliseconds)ms",
                "RELAY_LANE": isFallback ? "fallback" : "primary", "RELAY_HTTP_PORT": "0",
                "RELAY_ADDRESS_FILE": addressFile(of: name), "RELAY_DATA_DIRECTORY": "\(directory)/\(name)",
                "RELAY_STORE_DIRECTORY": store, "RELAY_GOVERNANCE_POLICY": "\(directory)/policy.yaml",
                "RELAY_GOVERNANCE_RATE_CARD": "\(directory)/rate-card.yaml", "RELAY_LOG_FORMAT": "json",
            ]) { $1 },
            workingDirectory: run, output: .appending(toFile: log(of: name)))
    }

    /// The name of a service's instance; the first one has the service's own.
    static func process(_ service: String, _ instance: Int) -> String {
        instance == 0 ? service : "\(service)-\(instance)"
    }

    private func environment(_ skewSeconds: Int) -> [String: String] {
        var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "USER": Self.requester]
        if skewSeconds != 0, let clockLibrary {
            environment["LD_PRELOAD"] = clockLibrary
            environment["SKEWED_CLOCK_SECONDS"] = String(skewSeconds)
        }
        return environment
    }

    /// The library that skews clocks, beside the programs; nil when it is not built.
    static func clockLibrary(in executables: String) -> String? {
        let path = "\(executables)/libSkewedClock.so"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    // MARK: Files

    /// The only requester that the policy knows.
    static let requester = "chaos"

    static let policy = """
        accounts:
          chaos:
            monthlyBudget: 1000000.00
            currency: USD
        requesters:
          chaos:
            account: chaos
            models: ["*"]

        """

    static let rateCard = """
        currency: USD
        prices:
          cpuSecond: 0.0000125
          storedGibibyte: 0.02
          request: 0.0000004
          movedGibibyte: 0.09

        """
}

/// Where a process listens, as it wrote it into its address file.
struct ProcessAddress: Decodable, Sendable {
    struct Listener: Decodable, Sendable { var port: Int }

    var port: Int
    /// The broker's listeners, in the order of its options.
    var listeners: [Listener]?

    static func read(_ path: String) -> ProcessAddress? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(ProcessAddress.self, from: data)
    }
}
