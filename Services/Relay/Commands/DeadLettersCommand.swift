// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import DeadLetters
import Foundation
import RaceView
import RelayClients
import RelayTerminal
import ShownText

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Records that could not be read or processed.",
        subcommands: [List.self, Replay.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show dead letters with their reasons, oldest first.")

        @OptionGroup var suite: SuiteOptions
        @OptionGroup var kafka: KafkaOptions
        @OptionGroup var filter: LetterOptions

        @Option(help: "How many of the newest to show.")
        var limit = 100

        @Option(help: "text or json.")
        var output = OutputFormat.text

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000") }
        }

        func run() async throws {
            try await reporting {
                let filter = try filter.filter(now: Date())
                let access = try kafka.access("relay-dead-letters", suite.layout)
                let box = try await LetterReader(access: access).fill(
                    LetterBox(limit: limit) { filter.matches($0) })
                let table = LetterTable(box)
                Terminal().line(output == .json ? table.json : table.text)
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay", abstract: "Publish dead letters again, to the topics that they came from.",
            discussion: "Each is published as it was received, once: a second time only with --again.")

        @OptionGroup var suite: SuiteOptions
        @OptionGroup var kafka: KafkaOptions
        @OptionGroup var filter: LetterOptions

        @Argument(help: "Letters as `list` names them: partition:offset.")
        var places: [String] = []

        @Flag(help: "All letters that match the filters and were not replayed yet.")
        var all = false

        @Flag(help: "Replay what was replayed before, too.")
        var again = false

        func validate() throws {
            guard all != !places.isEmpty else {
                throw ValidationError("name letters as partition:offset, or give --all; one of the two")
            }
            guard all || filter.isEmpty else { throw ValidationError("--reader, --topic and --since go with --all") }
            let wrong = places.filter { LetterPlace($0) == nil }
            guard wrong.isEmpty else {
                throw ValidationError("\(wrong.joined(separator: ", ")): not of the form partition:offset, as in 3:17")
            }
        }

        func run() async throws {
            try await reporting {
                let selection: LetterReplay.Selection =
                    all ? .all(try filter.filter(now: Date())) : .places(places.compactMap { LetterPlace($0) })
                let access = try kafka.access("relay-dead-letters", suite.layout)
                let outcome = try await LetterReplay(access: access, again: again).run(selection)
                let terminal = Terminal()
                for letter in outcome.replayed { terminal.line("\(letter.place)  to \(letter.topic.shown())") }
                for skipped in outcome.skipped {
                    terminal.line("\(skipped.place)  left out: \(skipped.reason.shown())")
                }
                terminal.line("\(outcome.replayed.count) replayed, \(outcome.skipped.count) left out")
            }
        }
    }
}

/// Which letters a command is about.
struct LetterOptions: ParsableArguments {
    @Option(help: "Only those of this reader.")
    var reader: String?

    @Option(help: "Only those that came from this topic.")
    var topic: String?

    @Option(help: "Only those set aside since: an RFC 3339 time, or how long ago, as in 90m, 2h or 3d.")
    var since: String?

    var isEmpty: Bool { reader == nil && topic == nil && since == nil }

    func filter(now: Date) throws -> LetterFilter {
        LetterFilter(reader: reader, topic: topic, since: try since.map { try Self.moment($0, now: now) })
    }

    static func moment(_ text: String, now: Date) throws -> Timestamp {
        if let time = Timestamp(text) { return time }
        let seconds: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ seconds[$0] }), let count = Double(text.dropLast()), count >= 0,
            count * unit < 1e11
        else {
            throw RelayFailure(
                "--since \(text) is neither a time nor a length of time",
                remedy: "write 2026-01-31T12:00:00Z, or 90m, 2h, 3d")
        }
        return Timestamp(milliseconds: Int64((now.timeIntervalSince1970 - count * unit) * 1000))
    }
}
