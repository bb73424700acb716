// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Foundation
import Kafka
import Operations
import TestSupport
import Testing

@testable import LegRuntime

@Suite("A worker's life", .serialized, .timeLimit(.minutes(2)))
struct WorkerLifeTests {
    @Test("Without a broker it is not ready and says why, and stops without waiting its calls out")
    func noBroker() async throws {
        let bench = Bench(bootstrap: "127.0.0.1:1", logger: Bench.silent)
        let context = try bench.context("one")
        let worker = try LegWorker(context: context, work: ScriptedWork(), topics: bench.topics)
        let begun = ContinuousClock.now
        try await bench.running(worker) {
            #expect(!context.readiness.isReady)
            try await eventually(within: .seconds(30), "the reason") {
                context.readiness.parts.first?.reason.contains("127.0.0.1:1") == true ? () : nil
            }
        }
        // The call that is under way waits up to a minute for a broker.
        #expect(ContinuousClock.now - begun < .seconds(30))
    }

    @Test("It is ready as soon as the broker has given it its partitions")
    func readySoon() async throws {
        try await Bench.with { bench in
            try await ensureTopics(bench.context("admin"))
            let context = try bench.context("one")
            let worker = try LegWorker(context: context, work: ScriptedWork(), topics: bench.topics)
            #expect(!context.readiness.isReady)
            try await bench.running(worker) { try await context.readiness.untilReady() }
        }
    }

    @Test("It waits for a broker, survives its restart, and loses nothing")
    func brokerRestart() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "relay-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var broker = EmbeddedBroker(Bench.configuration(directory), logger: Bench.silent)
        let address = try await broker.start()
        let bench = Bench(bootstrap: "\(address)", logger: Bench.silent)
        let release = Flag()
        let work = ScriptedWork { assignment, _ in
            if assignment.baton == Sample.baton(1) { await release.wait() }
            return Results()
        }
        try await bench.running(bench.worker("one", work)) {
            try await bench.assign(Sample.assignment(1))
            _ = await work.nextCall()
            await broker.shutdown()
            release.set()
            broker = EmbeddedBroker(Bench.configuration(directory, port: address.port), logger: Bench.silent)
            _ = try await broker.start()
            try await bench.assign(Sample.assignment(2))
            #expect(Set(try await bench.handoffs(2).map(\.baton)) == [Sample.baton(1), Sample.baton(2)])
        }
        #expect(try await bench.handoffs(2).count == 2)
        await broker.shutdown()
    }

    @Test("Work that does not end, even when cancelled, does not keep the process from ending")
    func hangingWork() async throws {
        try await Bench.with { bench in
            let (never, end) = AsyncStream.makeStream(of: Void.self)
            let work = ScriptedWork { _, _ in
                await Task.detached { for await _ in never {} }.value
                return Results()
            }
            try await bench.running(bench.worker("one", work)) {
                try await bench.assign(Sample.assignment(1))
                _ = await work.nextCall()
            }
            end.finish()
        }
    }
}
