// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import LegRuntime
import Operations

struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "The topics of the suite: make them, check them, list them.",
        subcommands: [Apply.self, List.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Make the topics that are missing, and compare all with the plan.",
            discussion: """
                What exists is never changed: differences are shown, with what each means and the command that would \
                change it. Exit code 0 when all topics are as planned, 2 when some are not, 1 when it could not be \
                found out. RELAY_CONTROL_PARTITIONS and RELAY_TOPIC_REPLICATION are the plan, as for the services.
                """)

        @OptionGroup var suite: SuiteOptions
        @OptionGroup var kafka: KafkaOptions

        @Option(help: "How long to wait for the brokers: 500ms, 60s.")
        var timeout = TimeLimit(.seconds(60))

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let access = try kafka.access("relay-topics", suite.layout)
                let keeper = TopicKeeper(access: access, provision: try TopicProvision(.ofCommand()), limit: timeout)
                let report = try await keeper.apply()
                let terminal = Terminal()
                if output == .json {
                    terminal.line(String(decoding: JSON.encode(report), as: UTF8.self))
                } else {
                    report.lines.forEach(terminal.line)
                }
                if !report.differences.isEmpty { throw ArgumentParser.ExitCode(2) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "The topics with partitions, replicas, clean-up, retention and records.",
            discussion: "Records are counted by offsets, so transaction markers count too.")

        @OptionGroup var suite: SuiteOptions
        @OptionGroup var kafka: KafkaOptions

        @Option(help: "How long to wait for the brokers: 500ms, 60s.")
        var timeout = TimeLimit(.seconds(10))

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let access = try kafka.access("relay-topics", suite.layout)
                let keeper = TopicKeeper(access: access, provision: try TopicProvision(.ofCommand()), limit: timeout)
                let topics = try await keeper.list()
                let terminal = Terminal()
                if output == .json {
                    terminal.line(String(decoding: JSON.encode(topics), as: UTF8.self))
                } else if topics.isEmpty {
                    terminal.line("no topic of the suite yet; `relay topics apply` makes them")
                } else {
                    TopicLine.table(topics).forEach(terminal.line)
                }
            }
        }
    }
}
