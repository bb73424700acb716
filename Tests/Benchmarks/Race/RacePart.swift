// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// A baton's whole way over the four legs, with nothing to do on them.
struct RacePart: Sendable {
    let bench: Bench

    static let batonsPerRound = 30
    /// Processes that have just started take several rounds until they are as fast as they will be.
    private static let warmUpRounds = 3

    /// When each step of one baton was seen, in milliseconds.
    struct Lap: Sendable {
        /// From the request to the first assignment: intake and captain.
        var start = 0.0
        /// From an assignment to its handoff, for each duty.
        var legs: [Double] = []
        /// From a handoff to the next assignment, or the end.
        var captain: [Double] = []
    }

    func run() async throws -> Section {
        bench.progress.begin("four legs without work", steps: 2 * (bench.options.rounds + Self.warmUpRounds))
        let (whole, steps) = try await RaceTrack.with(bench, holdsBuilds: false) { track in
            // Whoever reads every step takes processor time from those who make them.
            let whole = try await rounds(track, "whole", [Spectator.topics.journal], Self.wholeLap)
            return (whole, try await rounds(track, "steps", Spectator.everyStep, Self.lap))
        }
        return section(whole: whole, steps: steps)
    }

    private typealias Watched<Value> =
        @Sendable (String, Spectator, inout AsyncStream<Spectator.Sight>.AsyncIterator) async throws -> Value

    private func rounds<Value: Sendable>(
        _ track: RaceTrack, _ name: String, _ topics: [String], _ lap: @escaping Watched<Value>
    ) async throws -> [[Value]] {
        let bench = bench
        return try await Spectator.with(track.broker.servers, topics) { spectator, sights in
            var rounds: [[Value]] = []
            for round in (1 - Self.warmUpRounds)...bench.options.rounds {
                bench.progress.step(round > 0 ? "\(name), round \(round)" : "\(name), warm-up")
                var laps: [Value] = []
                for number in 1...Self.batonsPerRound {
                    laps.append(try await lap("\(name)-\(round)-\(number)", spectator, &sights))
                }
                if round > 0 { rounds.append(laps) }
            }
            return rounds
        }
    }

    /// From the request until its end was read, in milliseconds.
    private static func wholeLap(
        _ id: String, _ spectator: Spectator, _ sights: inout AsyncStream<Spectator.Sight>.AsyncIterator
    ) async throws -> Double {
        let request = try await spectator.request(id)
        return try await sights.next(of: request.baton) { sight, fact in
            guard try fact().action == JournalEntry.Action.ended.rawValue else { return nil }
            return milliseconds(from: request.at, to: sight.at)
        }
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
                return lap
            }
            return nil
        }
    }

    private func section(whole: [[Double]], steps: [[Lap]]) -> Section {
        var section = Section(
            title: "3. Four legs with no work",
            method:
                "The release build's broker (default fsync) and captain, and each leg's runtime with work that does "
                + "nothing, in both lanes: ten processes. \(Self.batonsPerRound) batons a round, one at a time, seven "
                + "duties each, after \(Self.warmUpRounds) rounds of warm-up, from the request given to the inbox "
                + "until its end was read in the journal, committed. "
                + "The steps are of rounds of their own, whose onlooker reads seven topics instead of one. "
                + "Milliseconds; \(bench.options.rounds) rounds: median (smallest-largest).")
        let finish = Distribution(whole.map { Distribution($0).median })
        let slowest = Distribution(whole.map { Distribution($0).quantile(0.99) })
        let measures: [(String, ([Lap]) -> Double)] = [
            ("request to first assignment, p50", { Distribution($0.map(\.start)).median }),
            ("assignment to handoff (leg), p50", { Distribution($0.flatMap(\.legs)).median }),
            ("handoff to next assignment (captain), p50", { Distribution($0.flatMap(\.captain)).median }),
        ]
        var table = Section.Table(headings: ["", "milliseconds"])
        let parts = measures.map { ($0.0, Distribution(steps.map($0.1))) }
        for (name, values) in [("request to finish, p50", finish), ("request to finish, p99", slowest)] + parts {
            table.rows.append([name, values.spread])
            section.record(name, "ms", values)
        }
        section.tables = [table]
        section.demand("request to finish, p50", under: 60, "ms", finish.median)
        return section
    }
}
