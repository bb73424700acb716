// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Testing

@testable import Benchmarks

@Suite("What the benchmark computes and writes")
struct MeasureTests {
    @Test("a median is the middle value, or the mean of the two middle ones")
    func median() {
        #expect(Distribution([3, 1, 2]).median == 2)
        #expect(Distribution([4, 1, 2, 3]).median == 2.5)
        #expect(Distribution([]).median.isNaN)
    }

    @Test("a quantile is the smallest value that this share of the values do not exceed")
    func quantile() {
        let hundred = Distribution((1...100).map(Double.init))
        #expect(hundred.quantile(0.99) == 99)
        #expect(hundred.quantile(1) == 100)
        #expect(Distribution((1...20).map(Double.init)).quantile(0.99) == 20)
    }

    @Test("a ratio is taken round by round")
    func ratio() {
        let ratio = Distribution([10, 30, 20]).ratio(to: Distribution([5, 10, 40]))
        #expect(ratio.values == [2, 3, 0.5])
        #expect(ratio.median == 2)
    }

    @Test(
        "numbers show three digits that count, and groups of thousands",
        arguments: [
            (0.12345, "0.123"), (1.005, "1.00"), (12.345, "12.3"), (999.6, "1 000"), (1_234_567, "1 234 567"),
            (-2.5, "-2.50"), (0, "0.000"),
        ])
    func short(value: Double, text: String) {
        #expect(value.short == text)
    }

    @Test("transactions of the warm-up are not counted, and the time begins after them")
    func meter() {
        var meter = CommitMeter(seconds: 0)
        let warmUp = (0..<CommitMeter.warmUp).map { _ in meter.committed(1000) }
        let isOver = meter.committed(10)
        #expect(warmUp.allSatisfy { !$0 })
        #expect(isOver)
        #expect(meter.report.records == 10)
        #expect(meter.report.transactions == 1)
    }

    @Test("a record carries its stamps in its first bytes, and one that is too short carries none")
    func stamps() {
        var bytes = [UInt8](repeating: 0, count: 32)
        Stamps.write(7, at: .sent, into: &bytes)
        Stamps.write(9, at: .taken, into: &bytes)
        Stamps.write(11, at: .number, into: &bytes)
        bytes.withUnsafeBytes {
            #expect(Stamps.read(.sent, from: $0) == 7)
            #expect(Stamps.read(.taken, from: $0) == 9)
            #expect(Stamps.read(.number, from: $0) == 11)
        }
        [UInt8](repeating: 0, count: 8).withUnsafeBytes { #expect(Stamps.read(.sent, from: $0) == nil) }
    }

    @Test("a block of the page is replaced and the rest stays; a page without its markers is refused")
    func page() throws {
        let path = FileManager.default.temporaryDirectory.path + "/page-\(UUID().uuidString).md"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (own, other) = (Page.Block.embedded, Page.Block.outside)
        let rest = "\(other.begin)\nelsewhere\n\(other.end)\n"
        try "before\n\(own.begin)\nold\n\(own.end)\nafter\n\(rest)".write(
            toFile: path, atomically: true, encoding: .utf8)
        try Page(path: path).replace(with: "new")
        try Page(path: path).replace(with: "newer")
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "before\n\(own.begin)\n\nnewer\n\(own.end)\nafter\n\(rest)")
        try Page(path: path, block: .outside).replace(with: "there")
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "before\n\(own.begin)\n\nnewer\n\(own.end)\nafter\n\(other.begin)\n\nthere\n\(other.end)\n")
        try "nothing".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: BenchFailure.self) { try Page(path: path).replace(with: "new") }
    }

    @Test("a duty's result is one that the rules accept")
    func results() {
        for duty in Duty.allCases {
            #expect(NoWork.results(of: duty, at: Timestamp(milliseconds: 0)).has(duty))
        }
    }
}
