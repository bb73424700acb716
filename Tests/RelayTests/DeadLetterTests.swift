// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import EmbeddedBroker
import Foundation
import Kafka
import Logging
import Testing

@testable import DeadLetters
@testable import RelayClients
@testable import RelayCommands
@testable import RelaySupervisor

@Suite("Dead letters at the command line", .timeLimit(.minutes(2)))
struct DeadLetterTests {
    private func letter(
        _ value: String, partition: Int32 = 0, offset: Int64 = 0, origin: Int32? = 1, omitted: Int? = nil,
        at milliseconds: Int64 = 1_000
    ) -> ConsumerRecord {
        let record = produced(value, origin: origin, omitted: omitted)
        return ConsumerRecord(
            topic: record.topic, partition: partition, offset: offset, key: record.key, value: record.value,
            headers: record.headers, timestampMilliseconds: milliseconds)
    }

    private func produced(
        _ value: String, origin: Int32? = 1, reader: String = "captain.intake", omitted: Int? = nil
    ) -> ProducerRecord {
        var headers = [
            KafkaHeader(name: "ce_id", text: value), KafkaHeader(name: "relay_reason", text: "bad \(value)"),
        ]
        headers += [
            KafkaHeader(name: "relay_reader", text: reader), KafkaHeader(name: "relay_topic", text: "relay.inbox"),
        ]
        if let origin { headers.append(KafkaHeader(name: "relay_partition", text: "\(origin)")) }
        headers.append(KafkaHeader(name: "relay_offset", text: "42"))
        if let omitted { headers.append(KafkaHeader(name: "relay_omitted_bytes", text: "\(omitted)")) }
        return ProducerRecord(
            topic: "relay.dead-letters", partition: 0, key: Array("key".utf8),
            value: omitted == nil ? Array(value.utf8) : nil, headers: headers)
    }

    private func box(_ records: [ConsumerRecord], limit: Int = 100, _ filter: LetterFilter = LetterFilter())
        -> LetterBox
    {
        var box = LetterBox(limit: limit) { filter.matches($0) }
        for record in records { box.take(record) }
        return box
    }

    @Test("A replayed record is the one that was received, with one header of ours and in its partition")
    func replayed() {
        let letter = Letter(letter("a", partition: 3, offset: 17))
        let record = letter.replayed(from: Topics())
        #expect(record.topic == "relay.inbox")
        #expect(record.partition == 1)
        #expect(record.key == Array("key".utf8))
        #expect(record.value == Array("a".utf8))
        #expect(
            record.headers == [
                KafkaHeader(name: "ce_id", text: "a"),
                KafkaHeader(name: "relay_replayed_from", text: "relay.dead-letters/3:17"),
            ])
    }

    @Test("The list is bounded to the newest, filtered, and tells how many there are besides")
    func list() {
        let records = (0..<50).map { letter("\($0)", offset: Int64($0), at: Int64($0) * 1_000) }
        let table = LetterTable(box(records, limit: 3, LetterFilter(since: Timestamp(milliseconds: 10_000))))
        #expect(table.rows.map(\.place) == ["0:47", "0:48", "0:49"])
        #expect(table.others == 37)
        #expect(table.text.contains("and 37 older"))
        #expect(box(records, LetterFilter(reader: "someone")).newest.isEmpty)
        #expect(box(records, LetterFilter(topic: "relay.inbox")).newest.count == 50)
    }

    @Test("Reasons cannot write control characters to the terminal")
    func control() {
        var record = letter("a")
        record.headers.append(KafkaHeader(name: "relay_reason", text: "x\u{1B}[2Jy"))
        #expect(!LetterTable(box([record])).text.contains("\u{1B}"))
    }

    @Test("All letters that cannot be replayed are named at once, and nothing is replayed")
    func problems() throws {
        let access = try KafkaOptions.parse(["--bootstrap-servers", "a:1"]).access(
            "test", SuiteLayout(dataDirectory: "/nonexistent"), environment: [:])
        let replay = LetterReplay(access: access, again: false)
        let filled = box([
            letter("a", offset: 1), letter("b", offset: 2, origin: nil), letter("c", offset: 3, omitted: 2_000_000),
        ])
        let places = (1...4).map { LetterPlace(partition: 0, offset: $0) }
        let error = try #require(throws: RelayFailure.self) { try replay.choose(.places(places), from: filled) }
        for place in ["0:2", "0:3", "0:4"] { #expect(error.reason.contains(place)) }
        #expect(!error.reason.contains("0:1"))
        let all = try replay.choose(.all(LetterFilter()), from: filled)
        #expect(all.replayed.map(\.place) == [LetterPlace(partition: 0, offset: 1)])
        #expect(all.skipped.count == 2)
    }

    @Test("Since is a time or a length of time")
    func since() throws {
        let now = Date(timeIntervalSince1970: 10_000)
        #expect(try LetterOptions.moment("1970-01-01T00:00:01Z", now: now).milliseconds == 1_000)
        #expect(try LetterOptions.moment("2h", now: now).milliseconds == 2_800_000)
        #expect(throws: RelayFailure.self) { try LetterOptions.moment("yesterday", now: now) }
    }

    @Test("On a broker a letter is replayed once, a second time only when asked to, and the note is no letter")
    func onBroker() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "letters-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let broker = EmbeddedBroker(BrokerConfiguration(dataDirectory: directory.path), logger: quiet)
        let address = try await broker.start()
        let access = KafkaAccess(
            kafka: KafkaConfiguration(bootstrapServers: ["\(address)"], clientID: "test"), topics: Topics())
        do {
            try await play(access)
        } catch {
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    private func play(_ access: KafkaAccess) async throws {
        let admin = try KafkaAdmin(access.kafka, logger: access.logger)
        for name in ["relay.dead-letters", "relay.inbox"] {
            let topic = TopicSpecification(name: name, partitions: 2, replicationFactor: 1)
            for creation in try await admin.createTopics([topic]) { try creation.get() }
        }
        await admin.close()
        let producer = try KafkaProducer(access.kafka, logger: access.logger)
        for value in ["a", "b"] { _ = try await producer.send(produced(value)) }
        await producer.close(timeout: .seconds(5))

        let first = LetterPlace(partition: 0, offset: 0)
        let once = LetterReplay(access: access, again: false)
        #expect(try await once.run(.places([first])).replayed.count == 1)
        let refused = await #expect(throws: RelayFailure.self) { try await once.run(.places([first])) }
        #expect(refused?.reason.contains("replayed before") == true)
        let rest = try await once.run(.all(LetterFilter()))
        #expect(rest.replayed.map(\.value) == [Array("b".utf8)])
        #expect(rest.skipped.map(\.place) == [first])
        #expect(try await LetterReplay(access: access, again: true).run(.places([first])).replayed.count == 1)

        let box = try await LetterReader(access: access).fill(LetterBox(limit: 10) { _ in true })
        #expect(LetterTable(box).rows.map(\.replays) == [2, 1])
        let reader = try PartitionReader(access.kafka, logger: access.logger)
        var inbox: [String] = []
        try await reader.readAll([TopicPartition(topic: "relay.inbox", partition: 1)]) { records in
            inbox += records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        }
        await reader.close()
        #expect(inbox == ["a", "b", "a"])
    }
}
