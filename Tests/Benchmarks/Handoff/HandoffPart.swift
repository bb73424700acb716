// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations

/// How long a baton takes from one service to the next.
struct HandoffPart: Sendable {
    let bench: Bench

    enum Entrant: String, CaseIterable, Sendable {
        case runtime2 = "runtime, 2"
        case runtime1 = "runtime, 1"
        case raw1 = "raw, 1"

        var contender: Contender { self == .raw1 ? .raw : .runtime }
        var producers: Int { self == .runtime2 ? 2 : 1 }
    }

    enum Load: String, CaseIterable, Sendable {
        case one = "one at a time"
        case hundred = "100 a second"
        case thousand = "1 000 a second"
    }

    /// What one turn measured, of one load.
    struct Turn: Sendable {
        var hop: Distribution
        var handoff: Distribution
    }

    func run() async throws -> Section {
        try await Cluster.with(bench) { cluster in
            let run = "bench-\(UUID().uuidString.prefix(8))"
            bench.progress.begin("handoff latency", steps: bench.options.rounds * Entrant.allCases.count)
            var turns: [Entrant: [[Load: Turn]]] = [:]
            for round in 1...bench.options.rounds {
                for entrant in Entrant.allCases {
                    bench.progress.step("round \(round), \(entrant.rawValue)")
                    turns[entrant, default: []].append(
                        try await measure(entrant, KafkaSetUp(servers: cluster.servers), "\(run)-\(round)-\(entrant)"))
                }
            }
            return section(turns, onEmbedded: bench.options.bootstrapServers == nil)
        }
    }

    private func measure(_ entrant: Entrant, _ setUp: KafkaSetUp, _ name: String) async throws -> [Load: Turn] {
        let (input, output) = ("\(name)-in", "\(name)-out")
        try await setUp.create(input)
        try await setUp.create(output)
        let contender = try await ChildProcess.spawn(
            Command(
                executable: try bench.surroundings.executable("relay-bench"),
                arguments: [
                    "contend", entrant.contender.rawValue, "--endless", "--stamps", "--servers", setUp.servers,
                    "--input", input, "--output", output, "--name", name, "--per-transaction", "1000", "--producers",
                    "\(entrant.producers)",
                ],
                environment: Surroundings.environment,
                output: .appending(toFile: "\(bench.surroundings.scratch)/\(name).log")))
        let (seconds, servers) = (bench.options.seconds, setUp.servers)
        let measured = await Result {
            try await onThreadOfItsOwn { try Self.probe(servers, input: input, output: output, seconds: seconds) }
        }
        await contender.terminate(grace: .seconds(5))
        try await setUp.delete(input)
        try await setUp.delete(output)
        return try measured.get()
    }

    private static func probe(
        _ servers: String, input: String, output: String, seconds: Double
    ) throws -> [Load: Turn] {
        let probe = try HandoffProbe(servers, input: input, output: output, bytes: ThroughputPart.recordBytes)
        // Until the service has joined, and every partition has been met.
        _ = try probe.oneAtATime(seconds: 0.5)
        _ = try probe.atRate(200, seconds: 0.3)
        let samples: [Load: [HandoffProbe.Sample]] = [
            .one: try probe.oneAtATime(seconds: seconds), .hundred: try probe.atRate(100, seconds: seconds * 1.5),
            .thousand: try probe.atRate(1000, seconds: seconds),
        ]
        return samples.mapValues {
            Turn(hop: Distribution($0.map(\.hop)), handoff: Distribution($0.map(\.handoff)))
        }
    }

    private func section(_ turns: [Entrant: [[Load: Turn]]], onEmbedded: Bool) -> Section {
        var section = Section(
            title: "2. Handoff latency",
            method:
                "A hop is from giving a \(ThroughputPart.recordBytes)-byte baton to a service's input until the "
                + "next service has read it, committed; its handoff begins when the service takes the baton into a "
                + "transaction. Milliseconds; \(bench.options.rounds) interleaved rounds, percentiles of each: "
                + "median (smallest-largest). The number behind a name is the number of producers.")
        func rounds(_ entrant: Entrant, _ load: Load, _ value: (Turn) -> Double) -> Distribution {
            Distribution((turns[entrant] ?? []).compactMap { $0[load].map(value) })
        }
        let measures: [(String, (Turn) -> Double)] = [
            ("hop p50", { $0.hop.median }), ("hop p99", { $0.hop.quantile(0.99) }),
            ("handoff p50", { $0.handoff.median }), ("handoff p99", { $0.handoff.quantile(0.99) }),
        ]
        var table = Section.Table(
            headings: ["", "runtime, 2 / raw, 1", "runtime, 1 / raw, 1"] + Entrant.allCases.map(\.rawValue))
        for load in Load.allCases {
            for (name, value) in measures {
                let raw = rounds(.raw1, load, value)
                table.rows.append(
                    ["\(load.rawValue), \(name)"]
                        + [Entrant.runtime2, .runtime1].map { rounds($0, load, value).ratio(to: raw).spread }
                        + Entrant.allCases.map { rounds($0, load, value).spread })
                for entrant in Entrant.allCases {
                    section.record("\(entrant.rawValue), \(load.rawValue), \(name)", "ms", rounds(entrant, load, value))
                }
            }
        }
        section.tables = [table]
        if onEmbedded {
            section.demand(
                "handoff p50, one at a time, runtime", under: 5, "ms",
                rounds(.runtime2, .one) { $0.handoff.median }.median)
        } else {
            let p50 = rounds(.runtime2, .one) { $0.hop.median }.ratio(to: rounds(.raw1, .one) { $0.hop.median })
            section.demand("hop p50, one at a time, runtime / raw", under: 1.1, "", p50.median)
            let p99 = rounds(.runtime2, .hundred) { $0.hop.quantile(0.99) }
                .ratio(to: rounds(.raw1, .hundred) { $0.hop.quantile(0.99) })
            section.demand("hop p99, 100 a second, runtime / raw", under: 0.5, "", p99.median)
        }
        return section
    }
}

extension Result where Failure == any Error {
    /// What asynchronous work returned or threw.
    init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
