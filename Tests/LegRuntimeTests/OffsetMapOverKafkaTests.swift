// SPDX-License-Identifier: Apache-2.0

import Baton
import EmbeddedBroker
import Kafka
import Testing

@testable import LegRuntime

@Suite("What is finished above unfinished work, on a broker", .serialized, .timeLimit(.minutes(3)))
struct OffsetMapOverKafkaTests {
    @Test("Batons of one partition run at the same time")
    func concurrent() async throws {
        try await Bench.with { bench in
            let work = ScriptedWork { _, _ in try await untilCancelled() }
            try await bench.running(bench.worker("one", work)) {
                try await bench.assign(
                    Sample.assignment(1), Sample.assignment(2), Sample.assignment(3), partition: 0)
                for _ in 0..<3 { _ = await work.nextCall() }
                #expect(Set(work.performed).count == 3)
            }
        }
    }

    @Test("What is finished above unfinished work does not run again when its partition goes to another worker")
    func rebalance() async throws {
        try await Bench.with { bench in
            let unfinished = Set((0..<8).map { Sample.assignment($0).key })
            let first = ScriptedWork { assignment, _ in
                unfinished.contains(assignment.key) ? try await untilCancelled() : Results()
            }
            let second = ScriptedWork()
            let wide = ["RELAY_PIPELINE_WORK_LIMIT": "16"]
            let workers = try ["first", "second"].map { name in
                try LegWorker(
                    context: bench.context(name, environment: wide), work: name == "first" ? first : second,
                    topics: bench.topics)
            }
            try await bench.running(workers[0]) {
                for number in 0..<8 {
                    let partition = Int32(number)
                    try await bench.assign(
                        Sample.assignment(number), Sample.assignment(100 + number), partition: partition)
                }
                _ = try await bench.handoffs(8)
                // The other takes a part of the partitions while the first still has all of its work.
                try await bench.running(workers[1]) { _ = try await bench.handoffs(9) }
            }
            let last = try bench.worker("third", second)
            try await bench.running(last) { _ = try await bench.handoffs(16) }
            #expect(Set(second.performed) == unfinished)
            let handoffs = try await bench.handoffs(16)
            #expect(handoffs.count == 16)
            #expect(Set(handoffs.map(\.key)).count == 16)
        }
    }

    @Test("Where the map of what is finished would not fit beside the offset, reading is held back and nothing is lost")
    func tooLarge() async throws {
        try await Bench.with(configure: { $0.offsetMetadataMaxBytes = 64 }) { bench in
            let release = Flag()
            let work = ScriptedWork { assignment, _ in
                if assignment.baton == Sample.baton(0) { await release.wait() }
                return Results()
            }
            let context = try bench.context("one", environment: ["RELAY_OFFSET_METADATA_BYTES": "64"])
            let worker = try LegWorker(context: context, work: work, topics: bench.topics)
            try await bench.write(
                (0..<200).map {
                    var record = Sample.record(Sample.assignment($0))
                    record.partition = 0
                    return record
                })
            try await bench.running(worker) {
                // All but the one that does not end, although they are never in the map all at once.
                _ = try await bench.handoffs(199)
                release.set()
                let handoffs = try await bench.handoffs(200)
                #expect(Set(handoffs.map(\.key)).count == 200)
            }
            let again = ScriptedWork()
            try await bench.running(bench.worker("two", again)) {
                try await bench.assign(Sample.assignment(500), partition: 0)
                _ = await again.nextCall()
            }
            #expect(again.performed == [Sample.assignment(500).key])
        }
    }
}
