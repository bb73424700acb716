// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
package import Operations
import RelayClients

/// One process of a relay on one machine.
package struct SuiteProcess: Sendable {
    /// Unique; names its log and address file.
    let name: String
    let executable: String
    let arguments: @Sendable (_ port: Int) -> [String]
    let environment: @Sendable (_ port: Int) -> [String: String]
    /// Handed down to it, however often it is started.
    var socket: ListeningSocket?

    /// How to start it on a port; 0 lets it choose.
    func command(port: Int, _ layout: SuiteLayout) -> Command {
        Command(
            executable: executable, arguments: arguments(port), environment: environment(port),
            output: .appending(toFile: layout.log(of: name)), listeningSocket: socket?.descriptor)
    }
}

/// What a relay on one machine is made of.
package struct SuitePlan: Sendable {
    /// The broker's name, as logs and addresses have it.
    package static let brokerName = "broker"
    /// The captain's name, as logs and addresses have it.
    package static let captainName = "captain"
    /// The services of the legs.
    package static let legs = ["pipeline", "deploy", "monitor", "governance"]
    /// The consumer groups that each leg's service runs in.
    package static let lanes = ["primary", "fallback"]

    let layout: SuiteLayout
    /// Directory of the suite's executables.
    let executables: String
    /// Topics' prefix, and whatever else the caller's environment sets for every process.
    let inherited: [String: String]

    /// - Parameter environment: `RELAY_...` settings in it hold for every process.
    package init(layout: SuiteLayout, environment: [String: String]) throws {
        self.layout = layout
        let own: String
        do {
            own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw RelayFailure(
                "this program cannot find itself at /proc/self/exe: \(inPlainWords(error))", remedy: "mount /proc")
        }
        executables = URL(filePath: own).deletingLastPathComponent().path
        let passed = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "LD_LIBRARY_PATH"]
        var inherited = environment.filter { passed.contains($0.key) || $0.key.hasPrefix("RELAY_") }
        // Stages find what the caller finds: the interpreter of an activated environment, say.
        if let path = environment["PATH"], path.split(separator: ":").contains(where: { $0.hasPrefix("/") }) {
            inherited["RELAY_PIPELINE_STAGE_PATH"] = environment["RELAY_PIPELINE_STAGE_PATH"] ?? path
        }
        self.inherited = inherited
    }

    /// Every process that there may be.
    var names: [String] {
        let legs = Self.lanes.flatMap { lane in Self.legs.map { Self.name($0, lane) } }
        return [Self.brokerName, Self.captainName] + legs
    }

    private static func name(_ leg: String, _ lane: String) -> String { lane == "primary" ? leg : "\(leg)-\(lane)" }

    /// The embedded broker; for when no Kafka is named.
    var broker: SuiteProcess {
        SuiteProcess(
            name: Self.brokerName, executable: executables + "/relay",
            arguments: { port in
                [
                    "broker", "--data-directory", layout.broker, "--listen", "127.0.0.1:\(port)", "--address-file",
                    layout.addressFile(of: Self.brokerName), "--set", "fetch.gathering.ms=100",
                ]
            },
            environment: { _ in inherited })
    }

    /// The captain, and each leg's service in both lanes.
    /// - Parameter inference: what both deploys take requests from; without it each listens for itself.
    package func services(bootstrapServers: String, inference: ListeningSocket? = nil) -> [SuiteProcess] {
        let legs = Self.lanes.flatMap { lane in
            Self.legs.map { leg in
                var process = service(leg, lane: lane, name: Self.name(leg, lane), bootstrapServers)
                if leg == "deploy" { process.socket = inference }
                return process
            }
        }
        return [service("captain", lane: "primary", name: Self.captainName, bootstrapServers)] + legs
    }

    /// Whether a service enters what the others tell into the ledger.
    func entersLedger(_ process: SuiteProcess) -> Bool { process.name.hasPrefix("governance") }

    private func service(_ service: String, lane: String, name: String, _ bootstrapServers: String) -> SuiteProcess {
        SuiteProcess(
            name: name, executable: "\(executables)/relay-\(service)", arguments: { _ in [] },
            environment: { port in
                var given = inherited
                // The embedded broker answers soon once there is something.
                if inherited["RELAY_KAFKA_BOOTSTRAP_SERVERS"] == nil { given["RELAY_KAFKA_GATHERING_WAIT"] = "500ms" }
                return given.merging(
                    [
                        "RELAY_KAFKA_BOOTSTRAP_SERVERS": bootstrapServers, "RELAY_INSTANCE": "\(name)-0",
                        "RELAY_LANE": lane,
                        "RELAY_HTTP_PORT": String(port), "RELAY_ADDRESS_FILE": layout.addressFile(of: name),
                        "RELAY_DATA_DIRECTORY": "\(layout.dataDirectory)/\(name)",
                        "RELAY_STORE_DIRECTORY": layout.store,
                        "RELAY_GOVERNANCE_POLICY": layout.policy, "RELAY_GOVERNANCE_RATE_CARD": layout.rateCard,
                        "RELAY_LOG_FORMAT": "json",
                        // The other router takes what comes as soon as this one accepts no more.
                        "RELAY_DEPLOY_ROUTER_DRAIN": "0s",
                    ]
                ) { inherited, ours in ours }
            })
    }
}
