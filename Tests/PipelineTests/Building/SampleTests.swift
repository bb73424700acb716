// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Testing

@testable import Building

/// The example in `docs/`, with the machine's own Python: the only tests here that train a model.
@Suite(.timeLimit(.minutes(3)), .serialized)
struct SampleTests {
    private static let sample = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/examples/breast-cancer").standardized.path

    private let fixture: ProjectFixture

    init() throws {
        fixture = try ProjectFixture()
        try FileManager.default.removeItem(atPath: fixture.project)
        try FileManager.default.copyItem(atPath: Self.sample, toPath: fixture.project)
    }

    @Test("The sample gives the same bytes twice, in two directories and two stores")
    func sameBytes() async throws {
        let other = try SampleTests()
        let one = try await fixture.build(model: "breast-cancer")
        let two = try await other.fixture.build(model: "breast-cancer")
        #expect(one.ran == ["prepare", "train", "evaluate", "package"])
        #expect(two.ran == one.ran)
        #expect(one.outputs == two.outputs)
        #expect(one.lock == two.lock)
    }

    @Test("The sample passes its own floors, and one changed parameter runs what depends on it")
    func parameters() async throws {
        let first = try await fixture.build(model: "breast-cancer")
        for (name, floor) in first.declaration.gates.floors {
            #expect(try #require(first.metrics[name]) >= floor)
        }
        let threshold = try await fixture.build(
            model: "breast-cancer", parameters: ["evaluate.threshold": .number(0.6)])
        #expect(threshold.ran == ["evaluate"])
        #expect(threshold.artifact == first.artifact)
        let depth = try await fixture.build(model: "breast-cancer", parameters: ["train.max_depth": .number(4)])
        #expect(depth.ran == ["train", "evaluate", "package"])
        #expect(depth.artifact.digest != first.artifact.digest)
        for (name, floor) in depth.declaration.gates.floors {
            #expect(try #require(depth.metrics[name]) >= floor)
        }
    }
}
