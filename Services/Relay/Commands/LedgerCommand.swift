// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import ShownText

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The hash-chained record of decisions and costs.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Read the whole ledger and check every link of its chains.")

        @OptionGroup var suite: SuiteOptions

        @OptionGroup var kafka: KafkaOptions

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let verdict = try await LedgerAudit(access: kafka.access("relay-ledger-verify", suite.layout)).run()
                let terminal = Terminal()
                if output == .json {
                    terminal.line(String(decoding: JSON.encode(verdict), as: UTF8.self))
                } else {
                    verdict.heads.forEach { terminal.line("chain \($0.chain)  \($0.length) entries  head \($0.hash)") }
                    verdict.violations.forEach { terminal.line("BROKEN  \($0.shown())") }
                    let entries = verdict.heads.reduce(0) { $0 + $1.length }
                    terminal.line(
                        "\(entries) entries in \(verdict.heads.count) chains, \(verdict.violations.count) violations")
                }
                if !verdict.violations.isEmpty { throw ExitCode.failure }
            }
        }
    }
}
