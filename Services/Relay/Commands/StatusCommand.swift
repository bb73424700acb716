// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import RaceView
import RelayClients
import RelaySupervisor
import RelayTerminal
import ShownText

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where every baton is, or one of them in detail.")

    @OptionGroup var captain: CaptainOptions

    @Argument(help: "A baton's id; all of them unless given.")
    var baton: String?

    @Flag(help: "Show it again whenever it changes, until the baton has ended or Ctrl-C.")
    var watch = false

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func run() async throws {
        try await reporting {
            let client = try captain.client()
            guard let baton else { return try await showAll(client) }
            let id = try BatonID.named(baton)
            if watch {
                _ = try await untilInterrupted { try await RaceWatch(client: client, baton: id).run(play: nil) }
            } else {
                try await show(client, id)
            }
        }
    }

    private func show(_ client: CaptainClient, _ id: BatonID) async throws {
        guard let received = try await client.reach({ try await client.report(of: id) }) else {
            throw RelayFailure("the captain knows no baton \(id)", remedy: "`relay status` lists those that it knows")
        }
        let terminal = Terminal()
        if output == .json { return terminal.line(String(decoding: JSON.encode(received), as: UTF8.self)) }
        let report = received.shown
        let lines = RaceDrawing(hasColour: terminal.hasColour).lines(report, now: .now, traffic: nil)
        lines.forEach(terminal.line)
        terminal.line("  trace \(report.state.trace.traceID)")
        terminal.line("")
        for entry in report.journal {
            terminal.line("  \(entry.at)  \(RaceShow.sentence(entry, report.state))")
        }
    }

    private func showAll(_ client: CaptainClient) async throws {
        let terminal = Terminal()
        let batons = try await client.list()
        if output == .json { return terminal.line(String(decoding: JSON.encode(batons), as: UTF8.self)) }
        if try captain.named() == nil, let inference = InferenceAddress.known(captain.suite.layout) {
            terminal.line("inference at \(inference)")
        }
        if batons.isEmpty { return terminal.line("no baton yet; `relay publish` asks for one") }
        for baton in batons { terminal.line("\(baton.id)  \(baton.model.shown().padded(20))\(baton.summary.shown())") }
    }
}
