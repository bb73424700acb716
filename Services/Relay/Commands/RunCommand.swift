// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ArtifactStore
import Baton
import Foundation
import Synchronization

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Release a project and show its race; starts a relay if none runs.",
        discussion: """
            With a terminal on standard input it keeps serving until Ctrl-C; without one it stops what it started and \
            exits 0 when the baton has crossed the line.
            """)

    @OptionGroup var suite: SuiteOptions

    @Argument(help: "The project's directory.")
    var project: String

    @Option(
        name: .customLong("set"), help: "A parameter in place of the project's own: train.max_depth=4. May be repeated."
    )
    var parameters: [String] = []

    @Option(help: "CloudEvents id; a new one unless given.")
    var id: String?

    @Option(help: "text, or json: the summary as one object and nothing else.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let environment = ProcessInfo.processInfo.environment
            var options = try RequestOptions.parse([])
            (options.directory, options.parameters) = (project, parameters)
            options.reason = "relay run"
            let event = try options.event(source: "relay-cli", id: id ?? UUID().uuidString.lowercased())
            let observer = StartLines(terminal: Terminal(), isQuiet: output == .json)
            // Kept here too: Ctrl-C after the line was crossed ends the serving, not the release.
            let crossed = Mutex<Summary?>(nil)
            let ended = try await untilInterrupted {
                try await Suite.with(suite.layout, environment: environment, observer: observer) { running in
                    try await release(event, on: running) { summary in crossed.withLock { $0 = summary } }
                }
            }
            guard let summary = ended ?? crossed.withLock({ $0 }) else { throw CancellationError() }
            guard summary.ending.kind == .finished else {
                throw RelayFailure(
                    "the baton \(summary.release) did not cross the line: it was \(summary.ending.kind.rawValue): "
                        + (summary.ending.reason ?? "no reason was given"),
                    log: suite.layout.logs, remedy: "mend what the reason names, and run the command again")
            }
        }
    }

    private func release(
        _ event: CloudEvent, on running: RunningSuite, ended: @Sendable (Summary) -> Void
    ) async throws -> Summary {
        let terminal = Terminal()
        let client = CaptainClient(baseURL: running.captain)
        let baton = try await client.publish(event)
        if output == .text { terminal.line("baton   \(baton)\nscreen  \(running.captain)\n") }
        let watch = RaceWatch(client: client, baton: baton, isQuiet: output == .json)
        let store = try LocalArtifactStore(directory: running.layout.store)
        let (report, traffic) = try await watch.run(play: store)
        let summary = Summary(report, traffic: traffic, screen: running.captain)
        ended(summary)
        if output == .json {
            terminal.line(String(decoding: JSON.encode(summary), as: UTF8.self))
        } else {
            terminal.line("\n" + summary.lines.joined(separator: "\n"))
        }
        if running.isOurs, Terminal.hasPerson, output == .text, summary.ending.kind == .finished {
            terminal.line("\nserving until Ctrl-C")
            try? await Task.sleep(for: .seconds(1 << 40))
        }
        return summary
    }
}
