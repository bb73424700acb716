// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Fuzz

@Suite("What fuzzing kept", .timeLimit(.minutes(5)))
struct CorpusTests {
    private static let corpus = Corpus(
        directory: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/Corpus"))

    @Test("Every input of the corpus is survived, and breaks no rule", arguments: fuzzingNames)
    func replay(name: String) throws {
        let fuzzing = try #require(try makeFuzzing(name))
        let inputs = try Self.corpus.inputs(for: name)
        #expect(!inputs.isEmpty)
        for (file, bytes) in inputs {
            #expect(throws: Never.self, "\(file)") { try fuzzing.run(bytes) }
        }
    }

    @Test("Invented inputs are survived, and encoded as they were decoded", arguments: fuzzingNames)
    func invented(name: String) throws {
        let fuzzing = try #require(try makeFuzzing(name))
        var random = SeededGenerator(seed: 20_261_124)
        for _ in 0..<100 { _ = try fuzzing.run(try fuzzing.invent(&random)) }
    }
}
