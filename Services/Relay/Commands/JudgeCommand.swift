// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Doctor
import Foundation
import Judge
import JudgeRules
import Kafka
import Operations
import RelayTerminal

struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Check from outside that a relay keeps the rules of the race.",
        discussion: """
            Reads every topic, committed records only, and leaves no trace. Exits 0 when every rule holds, 1 when one \
            is broken, with each violation's topic, partition and offset, and 2 when it could not look.
            """)

    @OptionGroup var suite: SuiteOptions

    @OptionGroup var kafka: KafkaOptions

    @Option(help: "Base URL of a captain, whose screen is watched as well; goes with --watch or --until-settled.")
    var captain: String?

    @Option(help: "Read on for this long: 30s, 5m.")
    var watch: Span?

    @Option(help: "Read on until every baton has ended and nothing is still to follow, at most this long.")
    var untilSettled: Span?

    @Option(help: "How long a baton may take; what its assignments declare, for every attempt, unless given.")
    var bound: Span?

    @Option(help: "Attempts at a duty, when RELAY_CAPTAIN_ATTEMPTS is not 10.")
    var attempts = RacePolicy().attempts

    @Option(help: "text or json.")
    var output = OutputFormat.text

    func validate() throws {
        if watch != nil, untilSettled != nil {
            throw ValidationError("--watch and --until-settled exclude each other")
        }
        if captain != nil, watch == nil, untilSettled == nil {
            throw ValidationError("--captain needs --watch or --until-settled: a screen is judged over time")
        }
        if attempts < 1 { throw ValidationError("--attempts must be at least 1") }
    }

    func run() async throws {
        try await reporting {
            guard let report = try await judgement() else { throw CommandInterrupted() }
            let terminal = Terminal()
            switch output {
            case .json: terminal.line(String(decoding: JSON.encode(report), as: UTF8.self))
            case .text: report.lines(hasColour: terminal.hasColour).forEach(terminal.line)
            }
            if !report.passed { throw ArgumentParser.ExitCode.failure }
        }
    }

    /// Nil when somebody interrupted it.
    private func judgement() async throws -> JudgeReport? {
        do {
            let look = try look()
            let bar = ProgressBar(terminal: Terminal(), isQuiet: output == .json)
            defer { bar.clear() }
            return try await untilInterrupted { try await look.run { bar.show($0.line) } }
        } catch {
            // Nothing is known then, and that is neither a pass nor a violation.
            complain(error, "could not look: ")
            throw ArgumentParser.ExitCode(2)
        }
    }

    private func look() throws -> JudgeLook {
        let length: TopicReading.Length =
            if let watch {
                .watch(watch.duration)
            } else if let untilSettled {
                .untilSettled(untilSettled.duration)
            } else {
                .once
            }
        var strictness = RuleSet.Strictness()
        strictness.bound = bound?.duration
        strictness.attempts = attempts
        // Whoever waits for the end of everything says with it how long that may take.
        if let untilSettled { strictness.patience = untilSettled.duration }
        return JudgeLook(
            access: try kafka.access("relay-judge", suite.layout), captain: captain, length: length,
            strictness: strictness)
    }
}

/// A duration on the command line.
struct Span: ExpressibleByArgument, Sendable {
    let duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }
}
