// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka
import Operations
import RelayClients
import TopicAdministration

struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who may do what in Kafka, by the rules of its authorizer.",
        subcommands: [Apply.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Add the rules that are missing, and compare all with a table.",
            discussion: """
                Nothing is ever removed: rules of the table's users that it does not have are shown, with the command \
                that would remove them; so are missing ones about transactional ids where librdkafka cannot add them, \
                as release 2.0.2 of Debian 12. Exit code 0 when all is as the table says, 2 when it is not, 1 when \
                that could not be found out. It needs a Kafka with an authorizer, and a user who may Alter and \
                Describe the cluster. Users and their passwords are not made here.
                """)

        @OptionGroup var suite: SuiteOptions
        @OptionGroup var kafka: KafkaOptions

        @Option(help: "The table: user, kind, name, pattern and operations between tabulators, a rule each line.")
        var file: String

        @Flag(help: "Add nothing, show what is missing.")
        var dryRun = false

        @Option(help: "How long to wait for the brokers: 500ms, 60s.")
        var timeout = TimeLimit(.seconds(60))

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func run() async throws {
            try await reporting {
                let access = try kafka.access("relay-access", suite.layout)
                let keeper = AccessKeeper(access: access, table: try table(access.topics), limit: timeout)
                let report = try await (dryRun ? keeper.look() : keeper.apply())
                output.show(report, lines: report.lines)
                if report.isOff { throw ArgumentParser.ExitCode(2) }
            }
        }

        private func table(_ topics: Topics) throws -> AccessTable {
            do {
                return try AccessTable(String(contentsOfFile: file, encoding: .utf8), prefix: topics.prefix)
            } catch let error as AccessTable.Malformed {
                throw RelayFailure(
                    "\(file) is no table of rules: \(error.problems.joined(separator: "; "))", remedy: "correct it")
            } catch {
                throw RelayFailure("\(file) cannot be read: \(inPlainWords(error))", remedy: "name the table")
            }
        }
    }
}
