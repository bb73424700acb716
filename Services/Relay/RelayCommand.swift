// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Operations

@main
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Carries model releases to production, each handoff exactly once.",
        version: SuiteVersion.current,
        subcommands: [
            UpCommand.self, RunCommand.self, PublishCommand.self, StatusCommand.self, CancelCommand.self,
            LedgerCommand.self,
            DeadLettersCommand.self, BrokerCommand.self, JudgeCommand.self, HealthCommand.self, TopicsCommand.self,
            AccessCommand.self, DoctorCommand.self, BackupCommand.self, RestoreCommand.self,
        ])

    static func main() async {
        StandardStreams.occupy()
        StandardStreams.flushAtExit()
        await main(nil)
    }
}
