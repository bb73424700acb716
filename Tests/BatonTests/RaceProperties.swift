// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Baton

@Suite("Whatever happens in a race")
struct RaceProperties {
    /// Any event at all: right ones, old ones, impossible ones.
    static func event(_ track: Track, _ generator: inout SeededGenerator) -> RaceEvent {
        let duty = Duty.allCases.randomElement(using: &generator) ?? .build
        let random = AttemptKey(baton: track.id, duty: duty, attempt: Int.random(in: 1...4, using: &generator))
        let key = Bool.random(using: &generator) ? track.state?.currentKey ?? random : random
        var handoff = Handoff.completed(
            track.id, key.duty, key.attempt,
            Bool.random(using: &generator) ? track.state?.current?.lane ?? .primary : .fallback)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: return .requested(.sample, source: "test", id: "1")
        case 1: return .stalled(key)
        case 2: return .deadlinePassed(key)
        case 3 where Int.random(in: 0..<8, using: &generator) == 0: return .cancelRequested(by: "ann", reason: "x")
        case 4: handoff.fail("x", retryable: true)
        case 5 where Int.random(in: 0..<4, using: &generator) == 0: handoff.fail("x", retryable: false)
        default: break
        }
        return .handedOff(handoff)
    }

    @Test("each duty is accepted at most once, and only the attempt that is out", arguments: 0..<200)
    func atMostOnce(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var track = Track()
        track.request()
        for _ in 0..<120 {
            let before = track.state
            let event = Self.event(track, &generator)
            let commands = track.take(event)
            let accepted = track.actions(commands).filter { $0 == .handoffAccepted }.count
            #expect(accepted <= 1)
            if case .handedOff(let handoff) = event, accepted == 1 { #expect(handoff.key == before?.currentKey) }
            #expect(track.assignments(commands).count <= 1)
            if before?.hasEnded == true { #expect(track.state == before) }
        }
        let duties = track.state?.accepted.map(\.duty) ?? []
        #expect(Set(duties).count == duties.count)
        #expect(track.releases == [] || track.releases == [.live] || track.releases == [.live, .withdrawn])
    }

    @Test("a baton whose current attempt is always answered in the end ends", arguments: 0..<50)
    func ends(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var track = Track()
        track.request()
        for _ in 0..<20 { track.take(Self.event(track, &generator)) }
        for _ in Duty.allCases { track.answer() }
        #expect(track.state?.hasEnded == true)
    }

    @Test("the same events give the same state and commands", arguments: 0..<20)
    func replay(seed: UInt64) {
        var tracks = [Track(), Track()]
        for index in tracks.indices {
            var generator = SeededGenerator(seed: seed)
            tracks[index].request()
            for _ in 0..<60 { tracks[index].take(Self.event(tracks[index], &generator)) }
        }
        #expect(tracks[0].state == tracks[1].state)
        #expect(tracks[0].commands == tracks[1].commands)
    }
}
