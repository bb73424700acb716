// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import RelayClients
import RelaySupervisor
import RelayTerminal

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Call a baton off: its work is ended, its release withdrawn, its books closed."
    )

    @OptionGroup var captain: CaptainOptions

    @Argument(help: "The baton's id.")
    var baton: String

    @Option(help: "Why, for the journal and the ledger.")
    var reason: String

    @Option(help: "Who calls it off; the user who runs the command unless given.")
    var by: String?

    func run() async throws {
        try await reporting {
            let id = try BatonID.named(baton)
            let user = LocalGovernance.requester(ProcessInfo.processInfo.environment)
            try await captain.client().cancel(id, by: by ?? user, reason: reason)
            Terminal().line("called off; `relay status \(id)` shows how it ends")
        }
    }
}
