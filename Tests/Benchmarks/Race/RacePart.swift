// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// A baton's whole way over the four legs, with nothing to do on them.
struct RacePart: Sendable {
    let bench: Bench

    static let batonsPerRound = 30

    /// When each step of one baton was seen, in milliseconds.
    struct Lap: Sendable {
        /// From the request to the end.
        var whole = 0.0
        /// From the request to the first assignment: intake and captain.
        var start = 0.0
        /// From an assignment to its handoff, for each duty.
        var legs: [Double] = []
        /// From a handoff to the next assignment, or the end.
        var captain: [Double] = []
    }

    func run() async throws -> Section {
        bench.progress.begin("four legs without work", steps: bench.options.rounds + 1)
        let bench = bench
        let rounds = try await RaceTrack.with(bench, holdsBuilds: false) { track in
            try await Spectator.with(track.broker.servers) { spectator, sights in
                var rounds: [[Lap]] = []
                for round in 0...bench.options.rounds {
                    bench.progress.step(round == 0 ? "warm-up" : "round \(round)")
                    var laps: [Lap] = []
                    for number in 1...Self.batonsPerRound {
                        laps.append(try await Self.lap("\(round)-\(number)", spectator, &sights))
                    }
                    if round > 0 { rounds.append(laps) }
                }
                return rounds
            }
        }
        return section(rounds)
    }

    private static func lap(
        _ id: String, _ spectator: Spectator, _ sights: inout AsyncStream<Spectator.Sight>.AsyncIterator
    ) async throws -> Lap {
        let request = try await spectator.request(id)
        let topics = Spectator.topics
        var lap = Lap()
        var last = request.at
        return try await sights.next(of: request.baton) { sight, fact in
            let step = milliseconds(from: last, to: sight.at)
            if sight.topic == topics.batonEvents, try fact().lane != nil {
                lap.legs.append(step)
                last = sight.at
            } else if Leg.allCases.contains(where: { topics.leg($0) == sight.topic }) {
                if lap.legs.isEmpty { lap.start = step } else { lap.captain.append(step) }
                last = sight.at
            } else if sight.topic == topics.journal, try fact().action == JournalEntry.Action.ended.rawValue {
                lap.captain.append(step)
                lap.whole = milliseconds(from: request.at, to: sight.at)
                return lap
            }
            return nil
        }
    }

    private func section(_ rounds: [[Lap]]) -> Section {
        var section = Section(
            title: "3. Four legs with no work",
            method:
                "The release build's broker (default fsync) and captain, and each leg's runtime with work that does "
                + "nothing, in both lanes: ten processes. \(Self.batonsPerRound) batons a round, one at a time, seven "
                + "duties each, from the request given to the inbox until its end was read, committed. Milliseconds; "
                + "\(bench.options.rounds) rounds: median (smallest-largest).")
        let measures: [(String, ([Lap]) -> Double)] = [
            ("request to finish, p50", { Distribution($0.map(\.whole)).median }),
            ("request to finish, p99", { Distribution($0.map(\.whole)).quantile(0.99) }),
            ("request to first assignment, p50", { Distribution($0.map(\.start)).median }),
            ("assignment to handoff (leg), p50", { Distribution($0.flatMap(\.legs)).median }),
            ("handoff to next assignment (captain), p50", { Distribution($0.flatMap(\.captain)).median }),
        ]
        var table = Section.Table(headings: ["", "milliseconds"])
        for (name, value) in measures {
            let values = Distribution(rounds.map(value))
            table.rows.append([name, values.spread])
            section.record(name, "ms", values)
        }
        section.tables = [table]
        section.demand(
            "request to finish, p50", under: 60, "ms", Distribution(rounds.map(measures[0].1)).median)
        return section
    }
}
