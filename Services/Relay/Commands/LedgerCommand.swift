// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka
import Logging

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The hash-chained record of decisions and costs.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Read the whole ledger and check every link of its chains.")

        @OptionGroup var suite: SuiteOptions

        @Option(help: "Kafka's address; the one of the data directory's relay unless given.")
        var bootstrapServers: String?

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let verdict = try await LedgerAudit(bootstrapServers: servers()).run()
                let terminal = Terminal()
                if output == .json {
                    terminal.line(String(decoding: JSON.encode(verdict), as: UTF8.self))
                } else {
                    verdict.heads.forEach { terminal.line("chain \($0.chain)  \($0.length) entries  head \($0.hash)") }
                    verdict.violations.forEach { terminal.line("BROKEN  \($0)") }
                    let entries = verdict.heads.reduce(0) { $0 + $1.length }
                    terminal.line(
                        "\(entries) entries in \(verdict.heads.count) chains, \(verdict.violations.count) violations")
                }
                if !verdict.violations.isEmpty { throw ExitCode.failure }
            }
        }

        private func servers() throws -> [String] {
            let address = ProcessAddress.read(suite.layout.addressFile(of: SuitePlan.brokerName))
            let configured = ProcessInfo.processInfo.environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"]
            guard let servers = bootstrapServers ?? configured ?? address.map({ "\($0.host):\($0.port)" }) else {
                throw RelayFailure(
                    "no relay runs on \(suite.layout.dataDirectory)",
                    remedy: "start one with `relay up`, or name Kafka's address with --bootstrap-servers")
            }
            return servers.split(separator: ",").map(String.init)
        }
    }
}
