// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Baton

/// The closed sets of values, in the schemas as in the code.
@Suite("Enumerations of the event schemas")
struct SchemaEnumTests {
    static let definitions: [(pointer: String, values: [String])] = [
        ("#/$defs/leg", Leg.allCases.map(\.rawValue)),
        ("#/$defs/duty", Duty.allCases.map(\.rawValue)),
        ("#/$defs/lane", RaceLane.allCases.map(\.rawValue)),
        ("#/$defs/journalEntry/properties/action", JournalEntry.Action.allCases.map(\.rawValue)),
        ("#/$defs/usage/properties/resource", Usage.Resource.allCases.map(\.rawValue)),
        (
            "#/$defs/outcome",
            values(from: Handoff.Outcome.completed) {
                switch $0 {
                case .completed: .failed
                case .failed: .refused
                case .refused: nil
                }
            }
        ),
        (
            "#/$defs/ending/properties/kind",
            values(from: Ending.Kind.finished) {
                switch $0 {
                case .finished: .dropped
                case .dropped: .refused
                case .refused: .cancelled
                case .cancelled: nil
                }
            }
        ),
        (
            "#/$defs/results/properties/watch/properties/verdict",
            values(from: WatchReport.Verdict.steady) {
                switch $0 {
                case .steady: .drifted
                case .drifted: .failing
                case .failing: .unknown
                case .unknown: nil
                }
            }
        ),
        (
            "#/$defs/releaseManifest/properties/stages/items/properties/result",
            values(from: ReleaseManifest.Stage.Result.ran) {
                switch $0 {
                case .ran: .unchanged
                case .unchanged: nil
                }
            }
        ),
        (
            "relay.release.changed.v1.schema.json#/properties/status",
            values(from: ReleaseRecord.Status.live) {
                switch $0 {
                case .live: .withdrawn
                case .withdrawn: nil
                }
            }
        ),
        (
            "relay.signal.changed.v1.schema.json#/properties/level",
            values(from: Signal.Level.info) {
                switch $0 {
                case .info: .warning
                case .warning: .critical
                case .critical: nil
                }
            }
        ),
        (
            "relay.ledger.appended.v1.schema.json#/properties/kind",
            values(from: LedgerEntry.Kind.journal) {
                switch $0 {
                case .journal: .usage
                case .usage: .quarantine
                case .quarantine: nil
                }
            }
        ),
    ]

    /// All cases of an enumeration. The compiler asks for each: a switch without one of them does not build.
    private static func values<Case: RawRepresentable<String>>(
        from first: Case, _ next: @escaping (Case) -> Case?
    ) -> [String] {
        sequence(first: first, next: next).map(\.rawValue)
    }

    @Test("an enumeration has the values of the code, in its order", arguments: definitions)
    func values(pointer: String, expected: [String]) throws {
        let schema = try SchemaLibrary.load().follow(pointer, from: SchemaLibrary.definitions)
        #expect(schema.texts("enum") == expected)
    }

    @Test("no enumeration is left out")
    func complete() throws {
        var count = 0
        for (file, value) in try SchemaLibrary.load().files {
            var open = [SchemaNode(file: file, pointer: [], value: value)]
            while let schema = open.popLast() {
                if schema.members["enum"] != nil { count += 1 }
                open += schema.children
            }
        }
        #expect(count == Self.definitions.count)
    }
}
