// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import EmbeddedBroker
import Foundation
import Kafka
import LegRuntime
import Logging
import Operations
import TestSupport
import Testing

@testable import MonitorService
@testable import Watching

/// A clock that stands where the test put it: the period is over, so nothing waits.
private struct FixedClock: WallClock {
    let time: Timestamp

    func now() -> Timestamp { time }
}

@Suite("Watch over Kafka", .timeLimit(.minutes(2)))
struct WatchOverKafkaTests {
    private struct World: Sendable {
        let context: ProcessContext
        let store: LocalArtifactStore
        let producer: KafkaProducer
        let logger: Logger

        func work(at time: Timestamp) throws -> WatchWork {
            WatchWork(process: context, store: store, board: try SignalBoard(context), clock: FixedClock(time: time))
        }

        /// What a router says at the end of the period and behind it.
        func mark(throughMilliseconds times: [Int64] = [9_400, 10_400]) async throws {
            for time in times {
                let mark = RouterMark(
                    model: "iris", baton: Samples.baton, router: RouterID(instance: "d1", startedAt: Samples.start),
                    through: Samples.start + .milliseconds(time))
                try await producer.send(mark, context)
            }
        }

        func publish(_ predictions: [Prediction]) async throws {
            for prediction in predictions {
                try producer.enqueue(
                    prediction.record(
                        topic: context.topics.predictions, key: prediction.model, id: prediction.id, source: "test",
                        subject: nil, time: prediction.at))
            }
            // Whatever was handed over before is there when this is.
            _ = try await producer.send(
                ProducerRecord(
                    topic: context.topics.predictions, key: Array("other".utf8), value: nil,
                    timestampMilliseconds: Samples.start.milliseconds))
        }
    }

    private func withWorld(_ body: (World) async throws -> Void) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let directory = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID())")
        let broker = EmbeddedBroker(
            BrokerConfiguration(dataDirectory: directory.appending(path: "broker").path()), logger: logger)
        let address = try await broker.start()
        let context = ProcessContext(
            configuration: try ProcessConfiguration.load(
                service: "monitor", arguments: ["monitor"],
                environment: ["RELAY_KAFKA_BOOTSTRAP_SERVERS": "\(address)", "RELAY_INSTANCE": "m1"]),
            logger: logger)
        let ended: Result<Void, any Error>
        do {
            try await ensureTopics(context)
            let world = World(
                context: context,
                store: try LocalArtifactStore(directory: directory.appending(path: "store").path()),
                producer: try KafkaProducer(context.kafka, logger: logger), logger: logger)
            try await body(world)
            await world.producer.close(timeout: .seconds(1))
            ended = .success(())
        } catch {
            ended = .failure(error)
        }
        await broker.shutdown()
        try FileManager.default.removeItem(at: directory)
        try ended.get()
    }

    private func assignment(reference: StoredArtifact) -> Assignment {
        let output = ReleaseManifest.Output(
            path: Samples.bounds.reference, digest: reference.digest, bytes: Int64(reference.bytes))
        var results = Results()
        results.build = ReleaseManifest(
            declaration: ReleaseDeclaration(
                model: .init(name: "iris", artifact: "model.json", kind: "xgboost"),
                input: .init(name: "input", features: Samples.features),
                gates: .init(metrics: "m.json", floors: [:], golden: "g.json", tolerance: 0), lanes: 1,
                watch: Samples.bounds, calibration: nil, requests: nil, budget: Money(1, currency: "USD")),
            artifact: output, outputs: [output], metrics: [:], stages: [], source: output.digest, commit: nil,
            lock: output.digest)
        results.rollout = Rollout(
            instance: "d1", endpoint: "http://127.0.0.1:1", lanes: [], replaced: nil, liveSince: Samples.start)
        return Assignment(
            baton: Samples.baton, duty: .watch, attempt: 1, lane: .primary, assignedAt: Samples.start,
            firstAssignedAt: Samples.start, deadline: Samples.start + .seconds(100),
            request: ReleaseRequest(project: .init(directory: "/p"), model: "iris", requester: "ada"),
            results: results, usage: [], ending: nil)
    }

    private func watch(
        _ world: World, _ assignment: Assignment
    ) async throws -> (results: Result<Results, any Error>, said: WorkReport) {
        let context = WorkContext(instance: "m1", lane: .primary, logger: world.logger)
        let work = try world.work(at: Samples.start + .seconds(10))
        do {
            return (.success(try await work.perform(assignment, context)), context.said)
        } catch {
            return (.failure(error), context.said)
        }
    }

    @Test("a watch that is repeated after its period reports the same, without what came later or is of others")
    func repeated() async throws {
        try await withWorld { world in
            let assignment = assignment(reference: try world.store.put(bytes: Array(Samples.referenceText().utf8)))
            var generator = SeededGenerator(seed: 4)
            var others = try Samples.predictions(50, seed: 5, shift: 5)
            for index in others.indices { others[index].baton = BatonID(source: "tests", id: "other") }
            let predictions = try Samples.predictions(300)
            try await world.publish(predictions[0..<100] + others + predictions[100...])
            try await world.publish([try Samples.prediction(&generator, atMilliseconds: 10_001)])
            try await world.mark()
            let (first, said) = try await watch(world, assignment)
            let report = try #require(try first.get().watch)
            #expect(report.verdict == .steady, "\(report.findings)")
            #expect(report.total.predictions == 300)
            #expect(said.decisions.first?.hasPrefix("steady: ") == true)
            // Behind the end, so none of the watch's business, whatever its time.
            try await world.publish(Samples.predictions(20))
            let (second, _) = try await watch(world, assignment)
            #expect(try second.get().watch == report)
        }
    }

    @Test("answers that reach Kafka only after the end of the period are waited for")
    func outage() async throws {
        try await withWorld { world in
            let assignment = assignment(reference: try world.store.put(bytes: Array(Samples.referenceText().utf8)))
            let predictions = try Samples.predictions(300)
            try await world.publish(Array(predictions[..<40]))
            try await world.mark(throughMilliseconds: [1_000])
            async let watched = watch(world, assignment)
            try await Task.sleep(for: .seconds(1))
            try await world.publish(Array(predictions[40...]))
            // After an outage those who find the way back later are given a moment.
            try await world.mark(throughMilliseconds: [10_100, 11_100, 12_100])
            let report = try #require(try await watched.results.get().watch)
            #expect(report.verdict == .steady, "\(report.findings)")
            #expect(report.total.predictions == 300)
            #expect(report.routers?.map(\.isComplete) == [true])
        }
    }

    @Test("a drifted release fails for good, and hands over what was seen all the same")
    func drifted() async throws {
        try await withWorld { world in
            let assignment = assignment(reference: try world.store.put(bytes: Array(Samples.referenceText().utf8)))
            try await world.publish(Samples.predictions(300, shift: 2))
            _ = try await world.producer.send(
                ProducerRecord(
                    topic: world.context.topics.predictions, key: Array("iris".utf8), value: Array("what".utf8),
                    timestampMilliseconds: Samples.start.milliseconds))
            try await world.mark()
            let (result, said) = try await watch(world, assignment)
            let failure = #expect(throws: WorkFailure.self) { try result.get() }
            #expect(failure?.retryable == false)
            #expect(failure?.reason.contains("width drifted: ") == true)
            let report = try #require(said.learned.watch)
            #expect(report.verdict == .drifted)
            #expect(report.findings.last?.hasPrefix("1 records of predictions could not be read") == true)
        }
    }

    @Test("a reference sample that is missing may still come, one that is wrong or damaged stays so")
    func references() async throws {
        try await withWorld { world in
            let digest = SHA256.hash("never stored")
            let (missing, _) = try await watch(
                world, assignment(reference: StoredArtifact(digest: digest, bytes: 1, isNew: true)))
            #expect(#expect(throws: WorkFailure.self) { try missing.get() }?.retryable == true)
            let wrong = try world.store.put(bytes: Array("width,kind\n1,2\n".utf8))
            let (refused, _) = try await watch(world, assignment(reference: wrong))
            let refusal = #expect(throws: WorkFailure.self) { try refused.get() }
            #expect(refusal?.retryable == false)
            #expect(refusal?.reason.contains("no column \"fill\"") == true)
            let stored = try world.store.put(bytes: Array(Samples.referenceText().utf8))
            let path = try world.store.path(for: stored.digest)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try Data("changed".utf8).write(to: URL(filePath: path))
            let (damaged, _) = try await watch(world, assignment(reference: stored))
            #expect(#expect(throws: WorkFailure.self) { try damaged.get() }?.retryable == false)
        }
    }

    @Test("a watch under way ends when it is cancelled")
    func cancelled() async throws {
        try await withWorld { world in
            let assignment = assignment(reference: try world.store.put(bytes: Array(Samples.referenceText().utf8)))
            let work = try world.work(at: Samples.start + .seconds(1))
            let context = WorkContext(instance: "m1", lane: .primary, logger: world.logger)
            let watching = Task { try await work.perform(assignment, context) }
            watching.cancel()
            await #expect(throws: CancellationError.self) { try await watching.value }
        }
    }
}
