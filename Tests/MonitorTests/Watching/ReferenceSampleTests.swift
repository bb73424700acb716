// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import Statistics
@testable import Watching

@Suite("Reference sample")
struct ReferenceSampleTests {
    @Test("columns are found by their names, in whatever order they come")
    func read() throws {
        let csv = "\u{22}b, c\u{22},prediction,extra,a\r\n1,0.5,x,\r\n\r\n2,0.6,y,nan\r\n"
        let sample = try ReferenceSample(csv: csv, features: ["a", "b, c"])
        #expect(sample.names == ["a", "b, c", "prediction"])
        #expect(sample.rows == 2)
        #expect(sample.columns[0].counts == [0, 2])
        #expect(sample.columns[1].counts == [1, 1, 0, 0])
    }

    @Test("a sample that is wrong is refused with every problem named")
    func problems() {
        let refusal = #expect(throws: Refusal.self) {
            try ReferenceSample(csv: "a,b\n1,x\n2\n3,inf\n", features: ["a", "b", "c"])
        }
        #expect(
            refusal?.problems == [
                "the reference sample has no column \"c\"", "the reference sample has no column \"prediction\"",
                "line 2, b: \"x\" is no number", "line 3 has 1 cells, and the header has 2",
                "line 4, b: \"inf\" is no number",
            ])
        #expect(throws: Refusal.self) { try ReferenceSample(csv: "", features: ["a"]) }
        #expect(throws: Refusal.self) { try ReferenceSample(csv: "a,prediction\n", features: ["a"]) }
        #expect(throws: Refusal.self) { try ReferenceSample(csv: "a,prediction\n1,\u{22}2\n", features: ["a"]) }
    }
}
