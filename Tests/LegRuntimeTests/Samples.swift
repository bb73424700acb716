// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import LegRuntime

/// Assignments as the captain would write them.
enum Sample {
    static let request = ReleaseRequest(
        project: .init(directory: "/project"), model: "breast-cancer", requester: "ada")

    static func baton(_ number: Int) -> BatonID { BatonID(source: "test", id: String(number)) }

    static func assignment(
        _ number: Int, attempt: Int = 1, lane: RaceLane = .primary, duty: Duty = .build
    ) -> Assignment {
        Assignment(
            baton: baton(number), duty: duty, attempt: attempt, lane: lane, assignedAt: Timestamp(milliseconds: 0),
            firstAssignedAt: Timestamp(milliseconds: 0), deadline: Timestamp(milliseconds: 60_000), request: request,
            results: Results(), usage: [], ending: nil)
    }

    static func results(_ account: String = "team") -> Results {
        var results = Results()
        results.admission = Admission(account: account, available: Money(micros: 1, currency: "USD"))
        return results
    }

    static func record(_ assignment: Assignment, topics: Topics = Topics()) -> ProducerRecord {
        var record = assignment.record(
            topic: topics.leg(assignment.duty.leg), key: assignment.baton.description, id: assignment.key.description,
            source: "relay/captain", subject: assignment.baton.description, time: assignment.assignedAt)
        if assignment.withdrawal != nil {
            record.headers += assignment.addressAttributes.map { KafkaHeader(name: "ce_\($0.name)", text: $0.value) }
        }
        return record
    }
}

/// As `#expect`, for values that calling a mutating function gives, which the macro cannot take.
func check<Value: Equatable>(_ actual: Value, _ expected: Value, at location: SourceLocation = #_sourceLocation) {
    #expect(actual == expected, sourceLocation: location)
}
