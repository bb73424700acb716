// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Operations
import RelayClients
import RelaySupervisor
import RelayTerminal

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run a whole relay on this machine until Ctrl-C.",
        discussion: """
            Starts the embedded broker (or uses the Kafka that RELAY_KAFKA_BOOTSTRAP_SERVERS names), the captain, the \
            four services and a fallback instance of each, and starts again what ends.
            """)

    @OptionGroup var suite: SuiteOptions

    @Option(help: "text, or json: one object with the addresses once everything is ready.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let terminal = Terminal()
            let observer = StartLines(terminal: terminal, isQuiet: output == .json)
            let environment = ProcessInfo.processInfo.environment
            let stopping = { @Sendable in StandardErrorLines.write("relay: stopping") }
            _ = try await untilInterrupted(stopping: stopping) {
                try await Suite.with(suite.layout, environment: environment, observer: observer) { running in
                    guard running.isOurs else {
                        throw RelayFailure(
                            "a relay runs on \(running.layout.dataDirectory) already; its screen is \(running.captain)",
                            remedy: "use that one, or choose another directory with --data-directory")
                    }
                    announce(running, terminal)
                    try await Task.sleep(for: .seconds(1 << 40))
                }
            }
        }
    }

    private func announce(_ running: RunningSuite, _ terminal: Terminal) {
        switch output {
        case .json:
            var addresses = ["kafka": running.bootstrapServers, "captain": running.captain]
            addresses["inference"] = running.inference
            terminal.line(String(decoding: JSON.encode(addresses), as: UTF8.self))
        case .text:
            terminal.line("kafka   \(running.bootstrapServers)")
            terminal.line("screen  \(running.captain)")
            if let inference = running.inference { terminal.line("inference  \(inference)") }
        }
    }
}

/// Says what is starting, one line each.
struct StartLines: StartObserver {
    let terminal: Terminal
    let isQuiet: Bool

    func starting(_ what: String) {
        if !isQuiet { terminal.line("ready   \(what)") }
    }

    func failing(_ failure: RelayFailure) { complain(failure) }

    func waiting(for what: String, _ reason: String) {
        // Standard output may have one JSON object and nothing else; a person beside it wants to know all the same.
        let line = "waiting \(what): \(reason)"
        if isQuiet { StandardErrorLines.write("relay: \(line)") } else { terminal.line(line) }
    }
}
