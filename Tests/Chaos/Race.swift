// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// One race with faults: starts everything, runs the schedule and the load, heals, settles, and judges.
struct Race: Sendable {
    let seed: UInt64
    let schedule: Schedule
    let load: LoadPlan
    let length: Duration
    let settling: Duration
    let venue: Venue
    let smallDisks: Bool
    /// The project that is copied for each model.
    let fixture: String
    let leftOut: [FaultKind: String]
    let view: LiveView

    func run() async throws -> ChaosReport {
        try await Arena.with(venue, smallDisks: smallDisks) { arena in
            var report = try await race(arena)
            if !report.isClean {
                report.directory = venue.directory
                try keepTopics()
            }
            return report
        }
    }

    private func race(_ arena: Arena) async throws -> ChaosReport {
        try await arena.ready(within: .seconds(60))
        view.line("everything is ready; \(schedule.faults.count) faults over \(length.text)")
        let requests = try Requests.prepare(fixture: fixture, in: venue.projects)
        let traffic = try String(contentsOfFile: "\(fixture)/inputs/requests.jsonl", encoding: .utf8)
            .split(separator: "\n").prefix(8).map { Array($0.utf8) }
        let generator = try LoadGenerator(load, requests, arena, patience: settling)
        let spectator = try Spectator(port: arena.outside.port, traffic: traffic)
        let conductor = Conductor(schedule, arena)
        let start = ContinuousClock.now
        var report = ChaosReport(
            seed: seed, raceSeconds: Double(length.milliseconds) / 1000, machine: .current(),
            faults: schedule.faults.reduce(into: [:]) { $0[$1.effect.kind.rawValue, default: 0] += 1 },
            leftOut: Dictionary(uniqueKeysWithValues: leftOut.map { ($0.key.rawValue, $0.value) }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await spectator.run() }
            group.addTask { try await watch(spectator, conductor, from: start) }
            defer { group.cancelAll() }
            try await withThrowingTaskGroup(of: Void.self) { race in
                race.addTask { try await conductor.run(from: start) { view.line($0) } }
                race.addTask { try await generator.run(from: start) }
                while try await race.next() != nil {}
            }
            report.violations = try await settle(generator, spectator, arena)
        }
        view.finish()
        report.take(spectator.seen, generator.report, races: start + length)
        report.judges = try await judge(arena)
        report.ownEnds = arena.ownEnds.reduce(into: [:]) { $0["\($1.name) (\($1.how))", default: 0] += 1 }
        report.violations += arena.ownEnds.filter(\.isCrash).map { "\($0.name) crashed: \($0.how)" }
        report.uncleanStops = arena.uncleanStops
        report.lastEvents = conductor.history.suffix(20).map(\.self)
        await generator.close()
        await spectator.close()
        return report
    }

    private func watch(_ spectator: Spectator, _ conductor: Conductor, from start: ContinuousClock.Instant) async throws
    {
        let clock = ContinuousClock()
        while true {
            let seen = spectator.seen
            view.draw(
                elapsed: clock.now - start, of: length, requested: seen.requested.count, ended: seen.endings.count,
                active: conductor.active)
            try await clock.sleep(for: view.isTerminal ? .milliseconds(500) : .seconds(10))
        }
    }

    /// Waits until everything has ended, no longer than the bound.
    /// - Returns: what is wrong then.
    private func settle(_ generator: LoadGenerator, _ spectator: Spectator, _ arena: Arena) async throws -> [String] {
        view.line("all faults are healed; settling")
        let clock = ContinuousClock()
        let end = clock.now + settling
        while true {
            let seen = spectator.seen
            if generator.report.accepted.allSatisfy({ seen.endings[$0] != nil }) || clock.now >= end {
                let violations = try await Evidence.read(port: arena.outside.port).violations(generator.report)
                if violations.isEmpty || clock.now >= end { return violations }
            }
            try await clock.sleep(for: .milliseconds(500))
        }
    }

    private func judge(_ arena: Arena) async throws -> [OutsideJudges.Verdict] {
        let servers = "127.0.0.1:\(arena.outside.port)"
        let judges = OutsideJudges(relay: "\(venue.executables)/relay", bootstrapServers: servers)
        var verdicts = [try await judges.ask(["ledger", "verify", "--bootstrap-servers", servers])]
        if try await judges.has("judge") {
            verdicts.append(
                try await judges.ask(["judge", "--bootstrap-servers", servers, "--until-settled", "60s"]))
        }
        return verdicts
    }

    /// Small disks go with this process: what they hold is copied beside the logs.
    private func keepTopics() throws {
        guard smallDisks else { return }
        try FileManager.default.copyItem(atPath: venue.broker, toPath: "\(venue.directory)/broker-kept")
    }
}
