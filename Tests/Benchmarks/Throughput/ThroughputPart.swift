// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations

/// Consume, transform, produce with exactly-once: the runtime, the raw loop, and Python.
struct ThroughputPart: Sendable {
    let bench: Bench

    static let recordBytes = 512
    static let sizes = [100, 1000, 10_000]

    /// Who runs, with how many producers.
    enum Entrant: Hashable, CaseIterable, Sendable {
        case runtime2, runtime1, raw2, raw1, python

        var producers: Int { self == .runtime2 || self == .raw2 ? 2 : 1 }
        var name: String {
            switch self {
            case .runtime2: "runtime, 2"
            case .runtime1: "runtime, 1"
            case .raw2: "raw, 2"
            case .raw1: "raw, 1"
            case .python: "Python, 1"
            }
        }
    }

    func run() async throws -> Section {
        try await Cluster.with(bench) { cluster in
            let setUp = KafkaSetUp(servers: cluster.servers)
            let run = "bench-\(UUID().uuidString.prefix(8))"
            let entrants = Entrant.allCases.filter { $0 != .python || bench.surroundings.python != nil }
            let steps = (bench.options.rounds + 1) * entrants.count * Self.sizes.count
            bench.progress.begin("exactly-once throughput", steps: steps)
            let input = "\(run)-input"
            try await setUp.create(input)
            let available = records(forRate: 300_000)
            try await onThreadOfItsOwn { try setUp.fill(input, records: available, bytes: Self.recordBytes) }
            let field = Field(
                bench: bench, setUp: setUp, run: run, input: input, available: available, entrants: entrants)
            var tables = Comparison(entrants: entrants)
            for size in Self.sizes {
                // The first round warms caches and the broker up, and is not counted.
                for round in 0...bench.options.rounds {
                    let reports = try await field.race(size: size, round: round)
                    if round > 0 { tables.add(reports, size: size) }
                }
            }
            try await setUp.delete(input)
            return tables.section(seconds: bench.options.seconds, rounds: bench.options.rounds)
        }
    }

    private func records(forRate rate: Double) -> Int {
        max(200_000, Int(rate * bench.options.seconds))
    }
}

/// Lets the entrants run one after the other, each in a process, group and output topic of its own.
private struct Field: Sendable {
    let bench: Bench
    let setUp: KafkaSetUp
    let run: String
    let input: String
    let available: Int
    let entrants: [ThroughputPart.Entrant]

    func race(size: Int, round: Int) async throws -> [ThroughputPart.Entrant: ContenderReport] {
        var reports: [ThroughputPart.Entrant: ContenderReport] = [:]
        // Each goes first in turn: it meets a broker that is still busy with whoever was last.
        let first = round % entrants.count
        for entrant in entrants[first...] + entrants[..<first] {
            bench.progress.step("\(size) records a transaction, round \(round), \(entrant.name)")
            let name = "\(run)-\(size)-\(round)-\(entrant)"
            try await setUp.create(name)
            let line = try await start(entrant, name, size)
            guard let report = try? JSONDecoder().decode(ContenderReport.self, from: Data(line.utf8)),
                report.records > 0
            else { throw BenchFailure("\(entrant.name) measured nothing: \(line)") }
            reports[entrant] = report
            try await setUp.delete(name)
        }
        return reports
    }

    private func start(_ entrant: ThroughputPart.Entrant, _ name: String, _ size: Int) async throws -> String {
        let arguments = [
            "--servers", setUp.servers, "--input", input, "--output", name, "--name", name,
            "--per-transaction", "\(size)", "--producers", "\(entrant.producers)",
            "--seconds", "\(bench.options.seconds)", "--available", "\(available)",
        ]
        let surroundings = bench.surroundings
        let lines =
            switch entrant {
            case .python:
                try await surroundings.lines(
                    surroundings.python ?? "",
                    [surroundings.package + "/Tests/Benchmarks/Python/consume_transform_produce.py"] + arguments)
            case .raw1, .raw2:
                try await surroundings.lines(
                    surroundings.executable("relay-bench"),
                    ["contend", "raw", "--fills-transactions"] + arguments)
            case .runtime1, .runtime2:
                try await surroundings.lines(
                    surroundings.executable("relay-bench"), ["contend", "runtime"] + arguments)
            }
        return lines.last ?? ""
    }
}

/// The rates of all rounds, and what is made of them.
private struct Comparison {
    typealias Entrant = ThroughputPart.Entrant

    let entrants: [Entrant]
    private var reports: [Int: [Entrant: [ContenderReport]]] = [:]

    init(entrants: [Entrant]) { self.entrants = entrants }

    mutating func add(_ round: [Entrant: ContenderReport], size: Int) {
        for (entrant, report) in round { reports[size, default: [:]][entrant, default: []].append(report) }
    }

    private func rates(_ size: Int, _ entrant: Entrant) -> Distribution {
        Distribution((reports[size]?[entrant] ?? []).map(\.rate))
    }

    func section(seconds: Double, rounds: Int) -> Section {
        var section = Section(
            title: "1. Consume, transform, produce, exactly once",
            method: "\(ThroughputPart.recordBytes)-byte records, 8 partitions in and out, every contender a process of "
                + "its own, \(seconds.short) s a turn after \(CommitMeter.warmUp) transactions of warm-up, turns "
                + "interleaved, \(rounds) rounds: median (smallest-largest). Ratios are taken round by round. The "
                + "number behind a name is the number of producers.")
        let pairs: [(String, Entrant, Entrant, Double?)] = [
            ("runtime, 2 / raw, 2", .runtime2, .raw2, 0.95), ("runtime, 1 / raw, 1", .runtime1, .raw1, 0.95),
            ("runtime, 2 / raw, 1", .runtime2, .raw1, nil), ("runtime, 2 / Python", .runtime2, .python, nil),
        ].filter { entrants.contains($0.1) && entrants.contains($0.2) }
        var ratios = Section.Table(headings: ["records a transaction"] + pairs.map(\.0))
        var rateTable = Section.Table(
            headings: ["records/s at records a transaction"] + entrants.map(\.name) + ["runtime's real size"])
        for size in ThroughputPart.sizes {
            let label = Double(size).short
            ratios.rows.append(
                [label] + pairs.map { rates(size, $0.1).ratio(to: rates(size, $0.2)).spread })
            let sizes = (reports[size]?[.runtime2] ?? []).map(\.perTransaction)
            rateTable.rows.append(
                [label] + entrants.map { rates(size, $0).spread } + [Distribution(sizes).median.short])
            for pair in pairs {
                let ratio = rates(size, pair.1).ratio(to: rates(size, pair.2)).median
                if let bound = pair.3 {
                    section.demand("\(pair.0) at \(label)", atLeast: bound, ratio)
                } else {
                    section.demand("\(pair.0) at \(label)", above: 1, ratio)
                }
            }
            for entrant in entrants {
                section.record("\(entrant.name) at \(size)", "records/s", rates(size, entrant))
            }
        }
        section.tables = [ratios, rateTable]
        return section
    }
}
