// SPDX-License-Identifier: Apache-2.0

import Digest
import Foundation
import Testing

@testable import Baton

@Suite("What a baton carries")
struct CarriedSizeTests {
    private static func manifest(outputs count: Int) -> ReleaseManifest {
        var manifest = ReleaseManifest.sample
        manifest.outputs += (0..<count).map { .init(path: "data/\($0).csv", digest: SHA256.hash("\($0)"), bytes: 1) }
        manifest.stages = [.init(name: "train", result: .ran, cpuSeconds: 1, key: SHA256.hash("key"))]
        return manifest
    }

    @Test("a manifest as the last version hands it over, with every output, is taken as it is")
    func inline() throws {
        var track = Track()
        track.run(until: .build)
        let manifest = Self.manifest(outputs: 5000)
        track.answer { $0.results.build = manifest }
        let state = try #require(track.state)
        #expect(state.current?.duty == .verification)
        let again = try JSON.decode(BatonState.self, from: JSON.encode(state))
        #expect(again == state && again.results.build == manifest && again.results.build?.whole == nil)
    }

    @Test("a handoff that would make the state too large ends the baton with the reason, and counts what it used")
    func refused() throws {
        var track = Track()
        track.run(until: .build)
        let before = try #require(track.state)
        let usage = Usage(
            id: "u1", resource: .cpuSeconds, amount: 1, baton: track.id, leg: .pipeline, measuredAt: track.now)
        track.answer {
            $0.results.build = Self.manifest(outputs: 12_000)
            $0.usage = [usage]
        }
        let state = try #require(track.state)
        #expect(state.results == before.results && state.usage == before.usage + ["u1"])
        #expect(state.ending?.kind == .dropped && state.current?.duty == .closing)
        let reason = try #require(state.ending?.reason)
        #expect(reason.hasPrefix("build: with its results the baton's state would be "), "\(reason)")
        #expect(reason.contains("at most 1000000 are carried"))
        #expect(JSON.encode(state).count < 64_000)
    }

    @Test("the sum of the parts counts, not each alone")
    func sum() throws {
        var track = Track()
        track.run(until: .build)
        track.answer { $0.results.build = Self.manifest(outputs: 6000) }
        #expect(track.state?.current?.duty == .verification)
        track.answer {
            $0.results.verification = Verification(
                gates: [.init(name: "golden", passed: true, detail: String(repeating: "x", count: 600_000))])
        }
        #expect(track.state?.ending?.reason?.hasPrefix("verification: with its results") == true)
        #expect(track.state?.results.verification == nil && track.state?.results.build != nil)
    }

    @Test("work that failed and learned too much fails for its own reason, and may be tried again")
    func learned() throws {
        var track = Track()
        track.run(until: .verification)
        track.answer {
            $0.fail("the disk is full", retryable: true)
            $0.results.verification = Verification(
                gates: [.init(name: "golden", passed: false, detail: String(repeating: "x", count: 1_100_000))])
        }
        #expect(track.state?.current?.duty == .verification && track.state?.current?.number == 2)
        #expect(track.state?.results.verification == nil)
        #expect(track.actions().last { $0 == .retryOrdered } != nil)
    }

    /// Where a value lacks what another has, by kinds alone.
    private static func gaps(_ value: JSONValue?, from shape: JSONValue, at place: String = "") -> [String] {
        switch (shape, value) {
        case (.object(let members), .object(let found)):
            members.flatMap { gaps(found[$0.key], from: $0.value, at: "\(place).\($0.key)") }
        case (.array(let shapes), .array(let found)):
            shapes.first.map { shape in found.flatMap { gaps($0, from: shape, at: "\(place)[]") } } ?? []
        case (let shape, let value?) where shape.kind == value.kind: []
        default: [place]
        }
    }

    @Test("a summary has all that the last version needs to read a handoff")
    func lastVersion() throws {
        let file = SchemaLibrary.package.appending(path: "Tests/Fixtures/shapes-0.4.0/handoff.json")
        let shape = try JSONValue.parse(Array(Data(contentsOf: file)))
        var handoff = Handoff.completed(BatonID(source: "test", id: "1"), .watch, 1, .primary)
        var (manifest, watch) = (Self.manifest(outputs: 20_000), try #require(handoff.results.watch))
        watch.windows = [watch.total]
        watch.findings = ["all is well"]
        watch.drift = [.init(name: "a", index: 0.1, noise: 0.1, drifted: false)]
        var gates = Verification(gates: [.init(name: "golden", passed: true, detail: "")])
        let place = { StoredReport(digest: SHA256.hash("whole"), bytes: 1, leftOut: $0) }
        manifest.whole = place(manifest.shorten())
        watch.whole = place(watch.shorten())
        gates.whole = place(gates.shorten())
        (handoff.results.build, handoff.results.watch, handoff.results.verification) = (manifest, watch, gates)
        let value = try JSONValue.parse(JSON.encode(handoff))
        #expect(Self.gaps(value, from: shape) == [])
        #expect(manifest.outputs.map(\.path) == ["model.json"])
    }
}
