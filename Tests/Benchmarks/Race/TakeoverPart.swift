// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation

/// From the loss of the primary in the middle of its work to the accepted handoff of the fallback.
struct TakeoverPart: Sendable {
    let bench: Bench

    enum Loss: String, CaseIterable, Sendable {
        case killed = "SIGKILL"
        case frozen = "SIGSTOP"
    }

    /// What was seen of one loss, in milliseconds after the signal.
    struct Sample: Sendable {
        var ordered: Double
        var accepted: Double
    }

    private static let primary = "\(Leg.pipeline.rawValue)-\(RaceLane.primary.rawValue)"

    func run() async throws -> Section {
        bench.progress.begin("takeover", steps: bench.options.samples * Loss.allCases.count)
        let bench = bench
        let samples = try await RaceTrack.with(bench, holdsBuilds: true) { track in
            try await Spectator.with(track.broker.servers) { spectator, sights in
                var samples: [Loss: [Sample]] = [:]
                for number in 1...bench.options.samples {
                    for loss in Loss.allCases {
                        bench.progress.step("\(loss.rawValue) \(number)")
                        samples[loss, default: []].append(
                            try await Self.lose(loss, number, track, spectator, &sights))
                    }
                }
                return samples
            }
        }
        return section(samples)
    }

    private static func lose(
        _ loss: Loss, _ number: Int, _ track: RaceTrack, _ spectator: Spectator,
        _ sights: inout AsyncStream<Spectator.Sight>.AsyncIterator
    ) async throws -> Sample {
        let topics = Spectator.topics
        let baton = try await working("\(loss.rawValue)-\(number)", spectator, &sights)
        // No wait for anything: it spreads the losses over the 250 ms between two signs of life.
        try await Task.sleep(for: .milliseconds(number * 83 % 250))
        let process = try await track.process(primary)
        let lost = monotonicNanoseconds()
        process.signal(loss == .killed ? .kill : .stop, wholeGroup: false)
        var ordered = Double.nan
        let sample: Sample = try await sights.next(of: baton) { sight, fact in
            guard sight.topic == topics.journal else { return nil }
            let fact = try fact()
            guard fact.duty == Duty.build.rawValue else { return nil }
            let passed = milliseconds(from: lost, to: sight.at)
            if fact.action == JournalEntry.Action.takeoverOrdered.rawValue { ordered = passed }
            guard fact.action == JournalEntry.Action.handoffAccepted.rawValue else { return nil }
            guard fact.lane == RaceLane.fallback.rawValue else { throw BenchFailure("the lost primary handed off") }
            return Sample(ordered: ordered, accepted: passed)
        }
        switch loss {
        case .killed:
            _ = await process.exit()
            try await track.start(primary)
            try await track.ready(primary)
        case .frozen: process.signal(.continue, wholeGroup: false)
        }
        return sample
    }

    /// Requests batons until the primary is at work on one.
    ///
    /// A primary that was just started may not have read its first assignment before the captain gives it up for that:
    /// such a baton went to the fallback without a loss, and says nothing about one.
    private static func working(
        _ id: String, _ spectator: Spectator, _ sights: inout AsyncStream<Spectator.Sight>.AsyncIterator
    ) async throws -> String {
        let topics = Spectator.topics
        for attempt in 1...5 {
            let request = try await spectator.request("\(id)-\(attempt)")
            // At its second sign of life; some time later, so that losses come at any time between two of them.
            var signs = 0
            let isWorking = try await sights.next(of: request.baton) { sight, fact -> Bool? in
                let fact = try fact()
                guard fact.duty == Duty.build.rawValue else { return nil }
                if sight.topic == topics.progress { signs += 1 }
                if fact.action == JournalEntry.Action.takeoverOrdered.rawValue { return false }
                return signs == 2 ? true : nil
            }
            if isWorking { return request.baton }
        }
        throw BenchFailure("the primary does not get to work")
    }

    private func section(_ samples: [Loss: [Sample]]) -> Section {
        var section = Section(
            title: "4. Takeover",
            method:
                "The processes of part 3; the primary pipeline's build never ends, and its process is killed or frozen "
                + "in the middle, at any time between two signs of life. From the signal until the journal, read "
                + "committed, has the order to the fallback, and the fallback's handoff accepted. Milliseconds; "
                + "\(bench.options.samples) samples each.")
        var table = Section.Table(headings: ["", "ordered p50", "accepted p50", "accepted p99", "accepted, largest"])
        for loss in Loss.allCases {
            let accepted = Distribution((samples[loss] ?? []).map(\.accepted))
            let ordered = Distribution((samples[loss] ?? []).map(\.ordered))
            table.rows.append(
                [
                    loss.rawValue, ordered.median.short, accepted.median.short, accepted.quantile(0.99).short,
                    accepted.maximum.short,
                ])
            section.record("\(loss.rawValue) to accepted", "ms", accepted)
            section.record("\(loss.rawValue) to ordered", "ms", ordered)
            section.demand("\(loss.rawValue) to accepted, p99", under: 2000, "ms", accepted.quantile(0.99))
        }
        section.tables = [table]
        return section
    }
}
