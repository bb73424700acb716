// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Logging

/// What the topics hold after a race, as far as nothing may be lost and nothing may count twice.
struct Evidence: Sendable {
    /// The keys of the inbox's records by their place.
    var inbox: [RecordAddress: String] = [:]
    /// Which baton each record of the inbox is a request for, by its attributes; nil when it has none.
    var batons: [RecordAddress: BatonID] = [:]
    /// How many dead letters there are of each record.
    var deadLetters: [RecordAddress: Int] = [:]
    /// The latest state of each baton.
    var states: [BatonID: BatonState] = [:]
    /// How often each duty's handoff of a baton was accepted.
    var accepted: [BatonID: [Duty: Int]] = [:]

    /// Reads all topics to their ends as of now.
    static func read(port: Int) async throws -> Evidence {
        let topics = Topics()
        let reader = try PartitionReader(
            KafkaConfiguration(bootstrapServers: ["127.0.0.1:\(port)"], clientID: "chaos-audit"), logger: .silent)
        let partitions = [topics.inbox, topics.deadLetters, topics.batons, topics.journal].flatMap { topic in
            (0..<Int32(8)).map { TopicPartition(topic: topic, partition: $0) }
        }
        var evidence = Evidence()
        do {
            try await reader.readToEnd(partitions) { records in
                for record in records { try evidence.take(record, topics) }
            }
            await reader.close()
        } catch {
            await reader.close()
            throw error
        }
        return evidence
    }

    mutating func take(_ record: ConsumerRecord, _ topics: Topics) throws {
        let headers = Dictionary(
            record.headers.map { ($0.name, String(decoding: $0.value ?? [], as: UTF8.self)) }
        ) { $1 }
        let place = RecordAddress(topic: record.topic, partition: record.partition, offset: record.offset)
        switch record.topic {
        case topics.inbox:
            inbox[place] = String(decoding: record.key ?? [], as: UTF8.self)
            if let source = headers["ce_source"], let id = headers["ce_id"] {
                batons[place] = BatonID(source: source, id: id)
            }
        case topics.deadLetters:
            let origin = RecordAddress(
                topic: headers["relay_topic"] ?? "", partition: headers["relay_partition"].flatMap(Int32.init) ?? -1,
                offset: headers["relay_offset"].flatMap(Int64.init) ?? -1)
            deadLetters[origin, default: 0] += 1
        case topics.batons:
            let state = try BatonState.read(event(record))
            states[state.id] = state
        default:
            let entry = try JournalEntry.read(event(record))
            if entry.action == .handoffAccepted, let duty = entry.duty {
                accepted[entry.baton, default: [:]][duty, default: 0] += 1
            }
        }
    }

    private func event(_ record: ConsumerRecord) throws -> CloudEvent {
        try CloudEvent(kafkaHeaders: record.headers.map { (name: $0.name, value: $0.value) }, value: record.value)
    }
}

extension Evidence {
    /// What is missing, or there too often.
    /// - Parameter sent: what was acknowledged to the senders.
    func violations(_ sent: LoadGenerator.Sent) -> [String] {
        lost(sent) + unended(sent) + miscounted + misread
    }

    /// Acknowledged records that are not there.
    private func lost(_ sent: LoadGenerator.Sent) -> [String] {
        sent.places.filter { inbox[$0.key] != $0.value }.map { place, key in
            "\(key) was acknowledged at \(place.text), where there is \(inbox[place] ?? "nothing")"
        }.sorted() + sent.unacknowledged.map { "\($0) was never acknowledged" }
    }

    private func unended(_ sent: LoadGenerator.Sent) -> [String] {
        let requested = sent.accepted.union(inbox.filter { !isMalformed($0.value) }.compactMap { batons[$0.key] })
        return requested.sorted().compactMap { baton in
            guard let state = states[baton] else { return "baton \(baton) was requested, and there is no state of it" }
            return state.hasEnded ? nil : "baton \(baton) has not ended: it is \(state.summary)"
        }
    }

    private var miscounted: [String] {
        let twice = accepted.sorted { $0.key < $1.key }.flatMap { baton, duties in
            duties.filter { $0.value > 1 }.map { "baton \(baton): \($0.key.rawValue) was accepted \($0.value) times" }
        }
        let skipped = states.values.filter { $0.ending?.kind == .finished }.sorted { $0.id < $1.id }.flatMap { state in
            Duty.allCases.filter { accepted[state.id]?[$0] != 1 }.map {
                "baton \(state.id) is finished, and \($0.rawValue) was accepted \(accepted[state.id]?[$0] ?? 0) times"
            }
        }
        return twice + skipped
    }

    private var misread: [String] {
        let wrong = inbox.compactMap { place, key -> String? in
            let count = deadLetters[place, default: 0]
            let expected = isMalformed(key) ? 1 : 0
            return count == expected ? nil : "\(key) at \(place.text) has \(count) dead letters instead of \(expected)"
        }
        let strange = deadLetters.keys.filter { inbox[$0] == nil }.map {
            "there is a dead letter of \($0.text), which the race did not send"
        }
        return wrong.sorted() + strange.sorted()
    }

    private func isMalformed(_ key: String) -> Bool { key.hasPrefix(Requests.malformedKey) }
}

extension RecordAddress {
    var text: String { "\(topic)[\(partition)]@\(offset)" }
}
