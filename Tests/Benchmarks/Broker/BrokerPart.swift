// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations

/// The embedded broker by itself, with and without syncs to the device.
struct BrokerPart: Sendable {
    let bench: Bench

    static let recordBytes = 1024
    static let partitions = 8
    static let burst = 100_000
    static let million = 1_000_000

    /// What one round measured.
    struct Round: Sendable {
        var produced = 0.0
        var fetched = 0.0
        var single = Distribution([])
        var batch = Distribution([])
        var passed = Distribution([])
    }

    func run() async throws -> Section {
        bench.progress.begin("embedded broker", steps: (bench.options.rounds + 1) * 2 + 2 + bench.options.rounds * 2)
        var rounds: [BrokerProcess.Fsync: [Round]] = [:]
        for round in 0...bench.options.rounds {
            for fsync in BrokerProcess.Fsync.allCases {
                bench.progress.step("load, round \(round), fsync \(fsync.rawValue)")
                let measured = try await load(fsync)
                if round > 0 { rounds[fsync, default: []].append(measured) }
            }
        }
        var section = section(rounds)
        try await size(&section)
        return section
    }

    private func load(_ fsync: BrokerProcess.Fsync) async throws -> Round {
        let directory = try bench.surroundings.directory("broker")
        let broker = try await BrokerProcess.start(bench.surroundings, directory: directory, fsync: fsync)
        let setUp = KafkaSetUp(servers: broker.servers)
        let seconds = bench.options.seconds
        let measured = await Result {
            try await setUp.create("burst", partitions: Self.partitions)
            try await setUp.create("single", partitions: 1)
            return try await onThreadOfItsOwn { try BrokerLoad(servers: broker.servers, seconds: seconds).run() }
        }
        await broker.stop()
        try FileManager.default.removeItem(atPath: directory)
        return try measured.get()
    }

    private func section(_ rounds: [BrokerProcess.Fsync: [Round]]) -> Section {
        var section = Section(
            title: "5. Embedded broker",
            method: "The broker in a process of its own, one librdkafka client, \(Self.recordBytes)-byte records, "
                + "acknowledged by all; with fsync, an acknowledgement means that the record is on the device. "
                + "\(bench.options.rounds) rounds, alternating: median (smallest-largest).")
        let measures: [(String, String, (Round) -> Double)] = [
            ("produce, 8 partitions, large batches", "records/s", { $0.produced }),
            ("fetch, 8 partitions", "records/s", { $0.fetched }),
            ("single record acknowledged, p50", "ms", { $0.single.median }),
            ("single record acknowledged, p99", "ms", { $0.single.quantile(0.99) }),
            ("batch of 100 acknowledged, p50", "ms", { $0.batch.median }),
            ("batch of 100 acknowledged, p99", "ms", { $0.batch.quantile(0.99) }),
            ("single record produced and fetched, p50", "ms", { $0.passed.median }),
            ("single record produced and fetched, p99", "ms", { $0.passed.quantile(0.99) }),
        ]
        var table = Section.Table(headings: ["", "fsync / never", "fsync (default)", "never"])
        for (name, unit, value) in measures {
            let on = Distribution((rounds[.groupCommit] ?? []).map(value))
            let off = Distribution((rounds[.never] ?? []).map(value))
            table.rows.append(["\(name), \(unit)", on.ratio(to: off).spread, on.spread, off.spread])
            section.record("\(name), fsync", unit, on)
            section.record("\(name), never", unit, off)
        }
        section.tables.append(table)
        return section
    }

    /// Memory and start-up, with nothing and with a million records.
    private func size(_ section: inout Section) async throws {
        let directory = try bench.surroundings.directory("million")
        var broker = try await BrokerProcess.start(bench.surroundings, directory: directory)
        var table = Section.Table(headings: ["", "empty", "a million records, 1 GiB"])
        let emptyStart = broker.startUp.inSeconds
        let mebibyte = 1_048_576.0
        do {
            let setUp = KafkaSetUp(servers: broker.servers)
            try await setUp.create("million", partitions: Self.partitions)
            let rest = broker.residentBytes / mebibyte
            bench.progress.step("a million records")
            try await onThreadOfItsOwn {
                try setUp.fill("million", records: Self.million, bytes: Self.recordBytes, partitions: Self.partitions)
            }
            let filled = broker.residentBytes / mebibyte
            table.rows.append(["resident memory, MiB", rest.short, filled.short])
            section.record("resident memory at rest", "MiB", Distribution([rest]))
            section.record("resident memory after a million records", "MiB", Distribution([filled]))
            for kind in ["stopped", "killed"] {
                var starts: [Double] = []
                for round in 1...bench.options.rounds {
                    bench.progress.step("start, \(kind), \(round)")
                    if kind == "killed" {
                        broker.process.signal(.kill)
                        _ = await broker.process.exit()
                    } else {
                        await broker.stop()
                    }
                    broker = try await BrokerProcess.start(bench.surroundings, directory: directory)
                    starts.append(broker.startUp.inSeconds)
                }
                let distribution = Distribution(starts)
                table.rows.append(["start-up after it was \(kind), s", emptyStart.short, distribution.spread])
                section.record("start-up on 1 GiB after it was \(kind)", "s", distribution)
                section.demand("start-up on 1 GiB after it was \(kind)", under: 1, "s", distribution.median)
            }
        } catch {
            await broker.stop()
            throw error
        }
        let started = broker.residentBytes / mebibyte
        table.rows.append(["resident memory after that start, MiB", "", started.short])
        section.record("resident memory after a start on 1 GiB", "MiB", Distribution([started]))
        await broker.stop()
        try FileManager.default.removeItem(atPath: directory)
        section.tables.append(table)
    }
}
