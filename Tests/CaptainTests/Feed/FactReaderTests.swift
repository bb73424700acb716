// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Testing

@testable import CaptainFeed
@testable import CaptainView
@testable import CaptainWeb

@Suite("What the view reads")
struct FactReaderTests {
    private let reader = FactReader(topics: topics, logger: quiet)

    @Test("Of the states of one baton in a batch only the newest is read, of decisions each")
    func newest() throws {
        var rounds = Rounds()
        _ = rounds.request()
        let assignment = try #require(rounds.committed.assignments.first)
        _ = rounds.round([Handoff.of(assignment).record(on: topics.batonEvents, baton)])
        let records = rounds.committed.enumerated().map { $1.read(offset: Int64($0)) }
        let facts = reader.facts(records)
        let versions = facts.compactMap { fact in if case .state(let state) = fact { state.version } else { nil } }
        let decisions = facts.count { fact in if case .journal = fact { true } else { false } }
        let states = rounds.committed.states.map(\.version)
        #expect(states.count > 1)
        #expect(versions == [try #require(states.max())])
        #expect(decisions == rounds.committed.actions.count)
    }

    @Test("The states of several batons in a batch are all read")
    func several() throws {
        var rounds = Rounds()
        _ = rounds.request("1")
        _ = rounds.request("2")
        let records = rounds.committed.enumerated().map { $1.read(offset: Int64($0)) }
        let batons = reader.facts(records).compactMap { fact in
            if case .state(let state) = fact { state.id } else { nil }
        }
        #expect(Set(batons) == [BatonID(source: "ci", id: "1"), BatonID(source: "ci", id: "2")])
    }
}
