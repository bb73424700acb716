// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Backup
import Baton
import Foundation
import LegRuntime
import RelayClients
import RelayTerminal

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write everything that Kafka holds of a relay into a directory.",
        discussion: """
            Topics with records, headers and times, and how far each group is; at a moment at which no transaction was \
            under way, so that nothing is done twice or never after a restore. The services may run meanwhile. Files \
            of the artifact store are not in Kafka: copy that directory too.
            """)

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var kafka: KafkaOptions

    @Option(help: "The directory to make; must not exist.")
    var to: String

    @Option(help: "How long to wait for a moment at which the relay stands still: 10s, 5m.")
    var timeout = TimeLimit(.seconds(60))

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let terminal = Terminal()
            let bar = ProgressBar(terminal: terminal, isQuiet: output == .json, namesStages: true)
            let writing = BackupWriting(
                access: try kafka.access("relay-backup", suite.layout), directory: Self.absolute(to), limit: timeout
            ) { bar.show($0.name, $0.line) }
            let written = try await untilInterrupted { try await writing.run() }
            bar.clear()
            guard let manifest = written else { throw CancellationError() }
            BackupSummary(manifest, directory: writing.directory).write(to: terminal, output, done: "backed up")
        }
    }

    static func absolute(_ path: String) -> String {
        let current = FileManager.default.currentDirectoryPath
        return URL(filePath: path.hasPrefix("/") ? path : current + "/" + path).standardizedFileURL.path
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a relay again of what `relay backup` wrote.",
        discussion: """
            Into a Kafka that has nothing of this relay; otherwise it says what is in the way and changes nothing. \
            Files are checked first, and everything is read back and compared. Start the services afterwards. \
            RELAY_TOPIC_REPLICATION says how many copies the topics get.
            """)

    @OptionGroup var suite: SuiteOptions
    @OptionGroup var kafka: KafkaOptions

    @Option(help: "The directory that `relay backup` made.")
    var from: String

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let terminal = Terminal()
            let bar = ProgressBar(terminal: terminal, isQuiet: output == .json, namesStages: true)
            let restoring = Restoring(
                access: try kafka.access("relay-restore", suite.layout), directory: BackupCommand.absolute(from),
                replication: try TopicProvision(.ofCommand()).replication
            ) { bar.show($0.name, $0.line) }
            let restored = try await untilInterrupted { try await restoring.run() }
            bar.clear()
            guard let manifest = restored else { throw CancellationError() }
            BackupSummary(manifest, directory: restoring.directory).write(to: terminal, output, done: "restored")
        }
    }
}
