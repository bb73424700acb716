// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Operations

/// `relay-bench`: measures the suite side by side with what an expert would write by hand.
struct RelayBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay-bench", abstract: "Measures the suite and writes docs/benchmarks.md.",
        subcommands: [RunCommand.self, ContendCommand.self], defaultSubcommand: RunCommand.self)
}

/// What a run measures.
enum Part: String, CaseIterable, ExpressibleByArgument, Sendable {
    case throughput, handoff, race, takeover, broker

    /// Whether it can be measured on a cluster that others run; the rest starts a broker of its own.
    var runsOnAnyCluster: Bool { self == .throughput || self == .handoff }

    /// About how long it takes, in seconds, with so many rounds.
    func seconds(rounds: Int) -> Int {
        switch self {
        case .throughput: 12 + rounds * 55
        case .handoff: 10 + rounds * 30
        case .race: 5 + rounds * 5
        case .takeover: 30 + 40 * 2
        case .broker: 30 + rounds * 22
        }
    }

    func run(_ bench: Bench) async throws -> Section {
        switch self {
        case .throughput: try await ThroughputPart(bench: bench).run()
        case .handoff: try await HandoffPart(bench: bench).run()
        case .race: try await RacePart(bench: bench).run()
        case .takeover: try await TakeoverPart(bench: bench).run()
        case .broker: try await BrokerPart(bench: bench).run()
        }
    }
}

/// How a run is to be made.
struct Options: Sendable {
    var parts: [Part]
    var rounds: Int
    /// Measured time of a contender's turn, in seconds.
    var seconds: Double
    var samples: Int
    var bootstrapServers: String?
}

/// One run.
struct Bench: Sendable {
    let options: Options
    let surroundings: Surroundings
    let progress = ProgressLine()
}

struct RunCommand: AsyncParsableCommand {
    enum Output: String, CaseIterable, ExpressibleByArgument, Sendable { case text, json }

    static let configuration = CommandConfiguration(commandName: "run", abstract: "Measures; the default.")

    @Option(
        parsing: .upToNextOption,
        help: "Parts to measure: throughput, handoff, race, takeover, broker; on a named cluster the first two.")
    var only: [Part] = []

    @Option(help: "Rounds of each measurement; medians are of these.")
    var rounds = 5

    @Option(help: "Measured time of one contender's turn, in seconds.")
    var seconds = 2.0

    @Option(help: "Samples of each way to lose a primary.")
    var samples = 20

    @Option(help: "text or json.")
    var output = Output.text

    @Option(help: "A Python that has confluent-kafka; without one that contender is left out.")
    var python: String?

    @Option(help: "The page whose tables to rewrite, when all parts are measured that can be.")
    var page: String?

    @Option(help: "A cluster to measure on, as RELAY_KAFKA_BOOTSTRAP_SERVERS; an embedded broker otherwise.")
    var bootstrapServers: String?

    @Option(help: "What that cluster is, for the report: Apache Kafka 3.9.0, one node.")
    var cluster: String?

    func validate() throws {
        if rounds < 1 || samples < 1 || seconds <= 0 {
            throw ValidationError("rounds, samples and seconds are positive")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let servers = bootstrapServers ?? environment["RELAY_KAFKA_BOOTSTRAP_SERVERS"]
        let parts = only.isEmpty ? Part.allCases.filter { servers == nil || $0.runsOnAnyCluster } : only
        let estimate = parts.map { $0.seconds(rounds: rounds) }.reduce(0, +)
        say("measuring \(parts.map(\.rawValue).joined(separator: ", ")): about \((estimate + 59) / 60) minutes")
        let surroundings = try Surroundings.make(python: python)
        defer { surroundings.remove() }
        let bench = Bench(
            options: Options(
                parts: parts, rounds: rounds, seconds: seconds, samples: samples, bootstrapServers: servers),
            surroundings: surroundings)
        let machine = await Machine.describe(
            kafka: servers.map { cluster ?? $0 } ?? "the embedded one, a process of its own, default fsync",
            python: try await pythonVersion(surroundings))
        var sections: [Section] = []
        for part in parts { sections.append(try await part.run(bench)) }
        bench.progress.finish()
        try write(Report(machine: machine, sections: sections), servers == nil ? .embedded : .outside)
    }

    private func pythonVersion(_ surroundings: Surroundings) async throws -> String {
        guard let python else { return "no Python contender" }
        let program = """
            import platform, confluent_kafka as c
            print(f"Python {platform.python_version()}, confluent-kafka {c.version()} (librdkafka {c.libversion()[0]})")
            """
        return try await surroundings.lines(python, ["-c", program]).first ?? "unknown"
    }

    private func write(_ report: Report, _ block: Page.Block) throws {
        // A run of some parts would drop the others from the page.
        if let page, only.isEmpty { try Page(path: page, block: block).replace(with: report.markdown) }
        switch output {
        case .text: put(report.markdown)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            put(String(decoding: try encoder.encode(report), as: UTF8.self))
        }
        let missed = report.sections.flatMap(\.targets).filter { !$0.isMet }
        for target in missed { say("missed: \(target.what): \(target.found), \(target.bound)") }
    }

    private func put(_ text: String) {
        try? StandardOutput.write(text + "\n")
    }

    private func say(_ text: String) {
        StandardErrorLines.write(text)
    }
}

/// All that a run found.
struct Report: Codable, Sendable {
    var machine: Machine
    var sections: [Section]

    var markdown: String {
        ([machine.markdown, ""] + sections.map(\.markdown)).joined(separator: "\n")
    }
}
