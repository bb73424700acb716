// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Statistics

@Suite("Latency sketch")
struct SketchTests {
    private func latencies(_ seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...2000, using: &generator)
        // From microseconds to hours: the scale itself is drawn.
        return (0..<count).map { _ in
            let exponent = Double.random(in: -6...14, using: &generator)
            return max(0.001, 2.718_281_828 * Double(sign: .plus, exponent: Int(exponent), significand: 1.37))
                * Double.random(in: 1...2, using: &generator)
        }
    }

    private func sketch(_ values: some Sequence<Double>) -> LatencySketch {
        var sketch = LatencySketch()
        for value in values { sketch.add(milliseconds: value) }
        return sketch
    }

    @Test("every percentile is within 1 % of the exact one", arguments: UInt64(1)...40)
    func bounded(seed: UInt64) {
        let values = latencies(seed)
        let sorted = values.sorted()
        let sketch = sketch(values)
        for share in [0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((share * Double(sorted.count)).rounded(.up)))
            let exact = sorted[rank - 1]
            #expect(abs(sketch.percentile(share) - exact) <= exact * (LatencySketch.relativeError + 1e-9))
        }
    }

    @Test("merging is associative and commutative, and gives the sketch of everything", arguments: UInt64(1)...20)
    func merging(seed: UInt64) {
        let parts = (0..<3).map { latencies(seed * 100 + $0) }
        let (a, b, c) = (sketch(parts[0]), sketch(parts[1]), sketch(parts[2]))
        func merged(_ first: LatencySketch, _ second: LatencySketch) -> LatencySketch {
            var sum = first
            sum.merge(second)
            return sum
        }
        #expect(merged(merged(a, b), c) == merged(a, merged(b, c)))
        #expect(merged(a, b) == merged(b, a))
        #expect(merged(merged(a, b), c) == sketch(parts.joined()))
        #expect(merged(a, LatencySketch()) == a)
    }

    @Test("what is no latency is left out, and what is out of range is held at its end")
    func extremes() {
        #expect(sketch([-1, .nan]).count == 0)
        #expect(LatencySketch().percentile(0.99) == 0)
        let ends = sketch([0, .infinity])
        #expect(ends.percentile(0) <= 0.001 * 1.02 && ends.percentile(1) >= 1e9 * 0.98)
    }
}
