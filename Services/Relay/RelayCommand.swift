// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Carries model releases over Kafka, exactly once.",
        subcommands: [BrokerCommand.self])
}
