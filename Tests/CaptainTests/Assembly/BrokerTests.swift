// SPDX-License-Identifier: Apache-2.0

import Baton
import CaptainRace
import EmbeddedBroker
import Foundation
import Kafka
import LegRuntime
import Operations
import ServiceLifecycle
import Testing

@testable import CaptainService

/// A broker of its own, and what the outside world would write to it.
struct Stadium: Sendable {
    let server: String
    let producer: KafkaProducer

    func context(_ arguments: [String] = []) throws -> ProcessContext {
        ProcessContext(
            configuration: try .load(
                service: "captain", settings: [RacePolicy.settings],
                arguments: ["captain", "--kafka-bootstrap-servers", server, "--topic-prefix", topics.prefix]
                    + arguments,
                environment: ["RELAY_CONTROL_PARTITIONS": "2"]),
            logger: quiet)
    }

    /// Runs a captain for the time of one body, and stops it gracefully.
    func withCaptain<Value: Sendable>(
        _ arguments: [String] = [], _ body: @escaping @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let context = try context(arguments)
        let parts = try CaptainAssembly.assemble(context)
        let server = OperationsServer(context: context, drain: .milliseconds(100), routes: parts.routes)
        let group = ServiceGroup(
            configuration: .init(services: [server] + parts.services, logger: quiet))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            _ = await context.readiness.changes.first { $0 }
            let value = try await body("http://127.0.0.1:\(server.address?.port ?? 0)")
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }

    /// Follows the screen's feed until a line of it tells what is waited for.
    func wait(_ url: String, until isThere: @escaping @Sendable (String) -> Bool) async throws {
        try await HTTPClient().lines(url + "/feed") { line in !isThere(line) }
    }

    func report(_ url: String) async throws -> BatonReport {
        let response = try await HTTPClient().get(url + "/batons/\(baton)")
        return try JSON.decode(BatonReport.self, from: response.body)
    }

    /// Everything committed in a topic, read from its beginning.
    func records(_ topic: String) async throws -> [ConsumerRecord] {
        let reader = try PartitionReader(
            KafkaConfiguration(bootstrapServers: [server], clientID: "auditor"), logger: quiet)
        var records: [ConsumerRecord] = []
        try await reader.readToEnd((0..<2).map { TopicPartition(topic: topic, partition: $0) }) { records += $0 }
        await reader.close()
        return records
    }
}

func withStadium(_ body: @escaping @Sendable (Stadium) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "captain-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let broker = EmbeddedBroker(BrokerConfiguration(dataDirectory: directory, port: 0), logger: quiet)
    let address = try await broker.start()
    let server = "127.0.0.1:\(address.port)"
    let producer = try KafkaProducer(
        KafkaConfiguration(bootstrapServers: [server], clientID: "outside"), logger: quiet)
    do {
        try await body(Stadium(server: server, producer: producer))
        await producer.close(timeout: .seconds(1))
        await broker.shutdown()
    } catch {
        await producer.close(timeout: .seconds(1))
        await broker.shutdown()
        throw error
    }
}

@Suite("The captain over a broker", .serialized, .timeLimit(.minutes(2)))
struct BrokerTests {
    private let headers = [
        "ce-specversion": "1.0", "ce-id": "1", "ce-source": "ci", "ce-type": EventType.releaseRequested,
    ]

    private func entries(_ stadium: Stadium) async throws -> [JournalEntry.Action] {
        try await stadium.records(topics.journal).map { try JournalEntry.read($0.cloudEvent()).action }
    }

    @Test("the same request over HTTP twice and over Kafka once is one baton with one assignment")
    func oneBaton() async throws {
        try await withStadium { stadium in
            // Long enough that no takeover of the duty that nobody runs comes in between.
            try await stadium.withCaptain(["--captain-silence", "60s"]) { url in
                for _ in 0..<2 {
                    let response = try await HTTPClient().post(
                        url + "/events", body: Array(ReleaseRequest.json.utf8), headers: headers)
                    #expect(response.status == 202)
                }
                let event = CloudEvent(
                    id: "1", source: "ci", type: EventType.releaseRequested, data: Array(ReleaseRequest.json.utf8))
                _ = try await stadium.producer.send(event.record(topic: topics.inbox, key: "any"))
                let bad = CloudEvent(id: "2", source: "ci", type: EventType.releaseRequested, data: [0x7b])
                _ = try await stadium.producer.send(bad.record(topic: topics.inbox, key: "any"))
                try await stadium.wait(url) { $0.contains("\"duty\":\"admission\"") }
                // Of one kind and about one state, both have the same id: the topic has two, the view shows one.
                while try await stadium.records(topics.journal).count < 4 {}
                #expect(try await stadium.report(url).state.current?.duty == .admission)
            }
            #expect(try await stadium.records(topics.leg(.governance)).count == 1)
            #expect(try await stadium.records(topics.batons).count == 1)
            #expect(
                try await entries(stadium) == [.requested, .assigned, .duplicateIgnored, .duplicateIgnored])
            let letters = try await stadium.records(topics.deadLetters)
            #expect(letters.count == 1)
        }
    }

    @Test("a captain that starts anew goes on where the one before stopped")
    func restart() async throws {
        try await withStadium { stadium in
            let request = BatonRequest(source: "ci", id: "1", request: .sample).record(topics, now: moment)
            try await stadium.withCaptain(["--captain-silence", "60s"]) { url in
                _ = try await stadium.producer.send(request)
                try await stadium.wait(url) { $0.contains("\"duty\":\"admission\"") }
            }
            let order = try #require(try await stadium.records(topics.leg(.governance)).first)
            let assignment = try Assignment.read(order.cloudEvent())
            _ = try await stadium.producer.send(Handoff.of(assignment).record(on: topics.batonEvents, baton))
            _ = try await stadium.producer.send(request)
            try await stadium.withCaptain(["--captain-silence", "60s"]) { url in
                try await stadium.wait(url) { $0.contains("duplicate-ignored") }
                #expect(try await stadium.report(url).state.current?.duty == .build)
            }
            #expect(try await stadium.records(topics.leg(.pipeline)).count == 1)
        }
    }

    @Test("a silent runner is taken over from, and its late handoff is journalled and has no effect")
    func takeover() async throws {
        try await withStadium { stadium in
            try await stadium.withCaptain(["--captain-silence", "300ms", "--captain-longest-silence", "60s"]) { url in
                let request = BatonRequest(source: "ci", id: "1", request: .sample)
                _ = try await stadium.producer.send(request.record(topics, now: moment))
                try await stadium.wait(url) { $0.contains("takeover-ordered") }
                let orders = try await stadium.records(topics.leg(.governance))
                    .map { try Assignment.read($0.cloudEvent()) }
                let first = try #require(orders.first { $0.attempt == 1 })
                _ = try await stadium.producer.send(Handoff.of(first).record(on: topics.batonEvents, baton))
                try await stadium.wait(url) { $0.contains("handoff-superseded") }
                let report = try await stadium.report(url)
                #expect(report.state.accepted.isEmpty)
                #expect(report.state.current?.duty == .admission)
                let metrics = try await HTTPClient().get(url + "/metrics").text
                #expect(metrics.contains("relay_captain_superseded_total 1"))
            }
        }
    }
}
