// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Judge
import RaceView
import ShownText

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "The hash-chained record of decisions and costs.",
        subcommands: [Verify.self, LedgerQuarantineCommand.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract:
                "Read the whole ledger and check its chains, each link and against the ends that closed books note."
        )

        @OptionGroup var suite: SuiteOptions

        @OptionGroup var kafka: KafkaOptions

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let verdict = try await LedgerAudit(access: kafka.access("relay-ledger-verify", suite.layout)).run()
                output.show(verdict, lines: verdict.lines)
                if !verdict.violations.isEmpty { throw ExitCode.failure }
            }
        }
    }
}

extension LedgerVerdict {
    /// For people.
    var lines: [String] {
        let entries = heads.reduce(0) { $0 + $1.length }
        let sum = "\(entries) entries in \(heads.count) chains, \(violations.count) violations"
        let remedy =
            "to go on: relay ledger quarantine --partition <chain> --reason <why>; if links are missing, a backup"
        return heads.map { "chain \($0.chain)  \($0.length) entries  head \($0.hash)" }
            + quarantined.map { aside in
                let (record, chain) = (aside.record, aside.chain)
                let what = "\(record.problem) (\(record.by): \(record.reason))"
                return "put aside  chain \(chain), offset \(record.offset): \(what.shown())"
            }
            + unseen.map { "not seen   \($0)" } + violations.map { "BROKEN  \($0.shown())" } + [sum]
            + (violations.isEmpty ? [] : [remedy])
    }
}
