// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LegRuntime
import Operations
import RelayClients
import TopicAdministration

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

        @OptionGroup var topics: TopicOptions

        @Option(help: "How long to wait for the brokers: 500ms, 60s.")
        var timeout = TimeLimit(.seconds(60))

        func run() async throws {
            try await reporting {
                let report = try await topics.keeper(limit: timeout).apply()
                topics.output.show(report, lines: report.lines)
                if !report.differences.isEmpty { throw ArgumentParser.ExitCode(2) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "The topics with partitions, replicas, clean-up, retention and records.",
            discussion: "Records are counted by offsets, so transaction markers count too.")

        @OptionGroup var topics: TopicOptions

        @Option(help: "How long to wait for the brokers: 500ms, 60s.")
        var timeout = TimeLimit(.seconds(10))

        func run() async throws {
            try await reporting {
                let found = try await topics.keeper(limit: timeout).list()
                let none = ["no topic of the suite yet; `relay topics apply` makes them"]
                topics.output.show(found, lines: found.isEmpty ? none : TopicLine.table(found))
            }
        }
    }
}

/// What every command about topics may be told.
struct TopicOptions: ParsableArguments {
    @OptionGroup var suite: SuiteOptions
    @OptionGroup var kafka: KafkaOptions

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func keeper(limit: TimeLimit) throws -> TopicKeeper {
        TopicKeeper(
            access: try kafka.access("relay-topics", suite.layout), provision: try TopicProvision(.ofCommand()),
            limit: limit)
    }
}
