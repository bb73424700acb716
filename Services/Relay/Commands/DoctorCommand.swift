// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Doctor
import Foundation
import Kafka
import LegRuntime
import Operations
import RelayClients
import RelaySupervisor
import RelayTerminal

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say in words what is wrong with a relay and its Kafka, and what to do.",
        discussion: """
            Connects as each service would. Exit code 0 when it is healthy, warnings included, 1 when there are \
            problems, 2 when Kafka could not be looked at.
            """)

    @OptionGroup var captain: CaptainOptions
    @OptionGroup var kafka: KafkaOptions

    @Option(
        name: .customLong("as"),
        help: "A service whose access is tried, <service>[=<properties file>]. May be repeated; all unless given.")
    var identities: [String] = []

    @Option(help: "Base URL of a service to be asked for its health and version. May be repeated.")
    var url: [String] = []

    @Option(help: "How long each look may take: 500ms, 10s.")
    var timeout = TimeLimit(.seconds(10))

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let settings = try ProcessConfiguration.ofCommand()
            let access = try kafka.access("relay-doctor", captain.suite.layout)
            let provision = try TopicProvision(settings)
            let probes = try probes(access)
            let disks = [("data directory", captain.suite.layout.dataDirectory), ("store", store(settings))]
            let examination = Examination(
                access: access, provision: provision, probes: probes, services: try services(), directories: disks,
                limit: timeout)
            let diagnosis = Diagnosis(
                await examination.facts(), servers: access.kafka.bootstrapServers, provision: provision)
            let terminal = Terminal()
            if output == .json {
                terminal.line(String(decoding: JSON.encode(diagnosis), as: UTF8.self))
            } else {
                diagnosis.lines(hasColour: terminal.hasColour).forEach(terminal.line)
            }
            if diagnosis.exitCode != 0 { throw ArgumentParser.ExitCode(diagnosis.exitCode) }
        }
    }

    /// A relay of this machine keeps its store below its data directory.
    private func store(_ settings: ProcessConfiguration) -> String {
        settings.namesStore ? settings.storeDirectory : captain.suite.layout.store
    }

    /// The services that are known: named by options, and those of a relay that runs on the data directory.
    private func services() throws -> [(name: String, url: String)] {
        let layout = captain.suite.layout
        let names = [SuitePlan.captainName] + SuitePlan.legs + SuitePlan.legs.map { $0 + "-fallback" }
        let elsewhere = try captain.named()
        let local =
            elsewhere != nil
            ? []
            : names.compactMap { name in
                ProcessAddress.read(layout.addressFile(of: name)).map { (name: name, url: $0.url) }
            }
        let named = (elsewhere.map { [(name: SuitePlan.captainName, url: $0)] } ?? [])
        return named + local + url.map { (name: "service", url: $0) }
    }

    private func probes(_ access: KafkaAccess) throws -> [AccessProbe] {
        let texts = identities.isEmpty ? ServiceAccess.services : identities
        return try texts.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first, let service = ServiceAccess(name, access.topics) else {
                throw RelayFailure(
                    "--as \(text) names no service",
                    remedy: "name one of \(ServiceAccess.services.joined(separator: ", "))")
            }
            guard parts.count == 2 else { return AccessProbe(access: service, kafka: access, limit: timeout) }
            var own = kafka
            own.kafkaPropertiesFile = parts[1]
            let credentials = try own.access("relay-doctor", captain.suite.layout)
            return AccessProbe(access: service, kafka: credentials, limit: timeout)
        }
    }
}
