// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
import Operations

/// `relay`: all commands.
package struct RelayCommand: AsyncParsableCommand {
    /// The command line's name, version and commands.
    package static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Carries model releases to production, each handoff exactly once.",
        version: SuiteVersion.current,
        subcommands: [
            UpCommand.self, RunCommand.self, PublishCommand.self, StatusCommand.self, CancelCommand.self,
            LedgerCommand.self,
            DeadLettersCommand.self, BrokerCommand.self, JudgeCommand.self, HealthCommand.self, TopicsCommand.self,
            AccessCommand.self, DoctorCommand.self, BackupCommand.self, RestoreCommand.self,
        ])

    /// Without arguments.
    package init() {}

    /// Runs the command that this process's arguments name, to its end.
    package static func main() async {
        StandardStreams.occupy()
        StandardStreams.flushAtExit()
        await main(nil)
    }
}
