// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka

/// The events of a race, and the projects that they are about.
struct Requests: Sendable {
    static let source = "relay-chaos"

    /// The directory of projects.
    let projects: String
    let topics = Topics()

    /// Makes the projects: copies of a fixture, each with a model of its own, and one that passes no gate.
    static func prepare(fixture: String, in projects: String) throws -> Requests {
        for model in 0..<LoadPlan.models {
            try copy(fixture, to: "\(projects)/\(name(model))", model: name(model))
        }
        let below = "\(projects)/\(belowFloor)"
        try copy(fixture, to: below, model: belowFloor)
        try edit("\(below)/inputs/metrics.json", "0.95", "0.5")
        return Requests(projects: projects)
    }

    static let belowFloor = "chaos-below-floor"

    static func name(_ model: Int) -> String { "chaos-\(model)" }

    private static func copy(_ fixture: String, to directory: String, model: String) throws {
        try FileManager.default.copyItem(atPath: fixture, toPath: directory)
        try edit("\(directory)/relay.yaml", "name: quick", "name: \(model)")
        // Little traffic gets through while everything breaks, and that is not what is tested.
        try edit("\(directory)/relay.yaml", "minimumPredictions: 10", "minimumPredictions: 1")
    }

    private static func edit(_ file: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard text.contains(old) else { throw ChaosFailure("\(file) does not hold \(old)") }
        try text.replacing(old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
    }

    // MARK: Events

    /// The request's id, which is also what its record's key begins with.
    func id(_ arrival: LoadPlan.Arrival) -> String { "request-\(arrival.number)" }

    func baton(_ arrival: LoadPlan.Arrival) -> BatonID { BatonID(source: Self.source, id: id(arrival)) }

    /// The event of a request that is well formed.
    func event(_ arrival: LoadPlan.Arrival) -> CloudEvent {
        let model = arrival.content == .belowFloor ? Self.belowFloor : Self.name(arrival.model)
        let request = ReleaseRequest(
            project: .init(directory: "\(projects)/\(model)"), model: model,
            requester: arrival.content == .stranger ? "stranger" : Venue.requester,
            parameters: ["work.mebibytes": .number(JSONValue.Number(arrival.mebibytes))])
        return CloudEvent(
            id: id(arrival), source: Self.source, type: EventType.releaseRequested, data: JSON.encode(request))
    }

    /// The record of a request that is well formed.
    func record(_ arrival: LoadPlan.Arrival) -> ProducerRecord {
        let event = event(arrival)
        return ProducerRecord(
            topic: topics.inbox, key: Array(event.id.utf8), value: event.data,
            headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) })
    }

    /// Marks records that nobody can read.
    static let malformedKey = "malformed-"

    func malformed(_ arrival: LoadPlan.Arrival, _ malformation: LoadPlan.Malformation) -> ProducerRecord {
        var record = record(arrival)
        record.key = Array((Self.malformedKey + String(arrival.number)).utf8)
        switch malformation {
        case .notJSON: record.value = Array("{\"project\": nonsense".utf8)
        case .wrongSchema: record.value = Array(#"{"project":{},"modle":"quick","requester":7}"#.utf8)
        case .missingHeaders: record.headers = []
        case .noValue: record.value = nil
        case .oversized: record.value = Array(repeating: UInt8(ascii: "x"), count: Self.oversizedBytes)
        }
        return record
    }

    /// A little below librdkafka's `message.max.bytes`, which is what clients may send unless told otherwise.
    static let oversizedBytes = 999_300
}
