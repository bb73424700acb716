// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ArtifactStore
import Baton
import Foundation
import Operations
import RaceView
import RelayClients
import RelaySupervisor
import RelayTerminal

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Release a project and show its race; starts a relay if none runs.",
        discussion: """
            With a terminal on standard input it keeps serving until Ctrl-C; without one it stops what it started and \
            exits 0 when the baton has crossed the line. With --captain or RELAY_CAPTAIN_URL it starts nothing, \
            touches no data directory, and plays the sample traffic from RELAY_STORE_DIRECTORY if that can be read \
            here. Interrupted before the line it says how to go on with the baton: by the same command with its --id.
            """)

    @OptionGroup var captain: CaptainOptions

    @Argument(help: "The project's directory.")
    var project: String

    @Option(help: "The model that the project declares; needed where its relay.yaml cannot be read here.")
    var model: String?

    @Option(
        name: .customLong("set"), help: "A parameter in place of the project's own: train.max_depth=4. May be repeated."
    )
    var parameters: [String] = []

    @Option(help: "CloudEvents id; a new one unless given. The same one is the same baton, and goes on with it.")
    var id: String?

    @Option(help: "text, or json: the summary as one object and nothing else.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let environment = ProcessInfo.processInfo.environment
            let id = id ?? UUID().uuidString.lowercased()
            let event = try event(id)
            let elsewhere = try captain.named(environment)
            let course = RunCourse()
            let ended = try await untilInterrupted(stopping: course.sayStopping) {
                try await withTrack(elsewhere, environment) { track in
                    try await release(event, on: track, course)
                }
            }
            guard let summary = ended ?? course.summary else {
                throw CommandInterrupted(consequence: course.consequence(again: again(id), captain.suite.layout))
            }
            guard summary.ending.kind == .finished else {
                throw RelayFailure(
                    "the baton \(summary.release) did not cross the line: it was \(summary.ending.sentence)"
                        + (summary.ending.reason == nil ? ", and no reason was given" : ""),
                    log: elsewhere == nil ? summary.failedAt.flatMap(captain.suite.layout.log) : nil,
                    remedy: summary.ending.supersededBy == nil
                        ? "mend what the reason names, and run the command again"
                        : "nothing is to be mended, the newer one is to serve; run the command again if this one should"
                )
            }
        }
    }

    private func event(_ id: String) throws -> CloudEvent {
        var options = try RequestOptions.parse([])
        (options.directory, options.model, options.parameters) = (project, model, parameters)
        options.reason = "relay run"
        return try options.event(source: "relay-cli", id: id)
    }

    /// What goes on with the same baton.
    private func again(_ id: String) -> String {
        let parameters = parameters.flatMap { ["--set", $0] }
        let model = model.map { ["--model", $0] } ?? []
        return ShellWords.joined(["relay", "run", project] + model + parameters + ["--id", id] + captain.arguments)
    }

    /// Finds the captain to ask: one elsewhere, or that of a relay on this machine, which is started when none runs.
    private func withTrack(
        _ elsewhere: String?, _ environment: [String: String],
        _ body: @escaping @Sendable (Track) async throws -> Summary
    ) async throws -> Summary {
        if let elsewhere { return try await body(Track(elsewhere: elsewhere, .ofCommand(environment))) }
        let observer = StartLines(terminal: Terminal(), isQuiet: output == .json)
        return try await Suite.with(captain.suite.layout, environment: environment, observer: observer) { running in
            try await body(Track(running))
        }
    }

    private func release(_ event: CloudEvent, on track: Track, _ course: RunCourse) async throws -> Summary {
        let terminal = Terminal()
        let client = CaptainClient(baseURL: track.captain)
        course.found(track)
        let baton = try await client.publish(event)
        course.asked(baton)
        if output == .text { terminal.line("baton   \(baton)\nscreen  \(track.captain)\n") }
        let watch = RaceWatch(client: client, baton: baton, isQuiet: output == .json)
        let store = try track.store.map { try LocalArtifactStore(directory: $0) }
        if store == nil {
            let line = "no sample traffic: the store \(track.storeDirectory) cannot be read here"
            // Standard output has one JSON object and nothing else.
            if output == .text { terminal.line(line) } else { StandardErrorLines.write(line) }
        }
        let (report, traffic) = try await watch.run(play: store)
        let summary = Summary(output == .text ? report.shown : report, traffic: traffic, screen: track.captain)
        course.ended(summary)
        if output == .json {
            terminal.line(String(decoding: JSON.encode(summary), as: UTF8.self))
        } else {
            terminal.line("\n" + summary.lines.joined(separator: "\n"))
        }
        if track.isOurs, Terminal.hasPerson, output == .text, summary.ending.kind == .finished {
            terminal.line("\nserving until Ctrl-C")
            try? await Task.sleep(for: .seconds(1 << 40))
        }
        return summary
    }
}
