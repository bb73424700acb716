// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How far the shares of a live sample are from those of the reference: the population stability index.
package struct StabilityIndex: Sendable, Equatable {
    /// The index; 0 for equal shares.
    package var index: Double
    /// What a live sample of the same population exceeds by chance with the probability asked for.
    package var noise: Double

    /// The index of two samples counted in the same parts.
    ///
    /// The index is the sum of `(live - reference) * ln(live / reference)` over the parts' shares. For two samples of
    /// one population, of `n` and `m` rows in `b` parts, it is distributed like `(1/n + 1/m)` times a chi-square
    /// variable with `b - 1` degrees of freedom. Source: Yurdakul and Naranjo, "Statistical properties of the
    /// population stability index", Journal of Risk Model Validation 14(4), 2020.
    ///
    /// The approximation needs parts that are not nearly empty: neighbouring ordinary parts are joined until each
    /// holds five rows of the reference and would hold five of the live sample (Cochran's rule), and half a row is
    /// added to every part, which also keeps the logarithm finite.
    /// - Parameters:
    ///   - reference: the reference's bins.
    ///   - live: rows of the live sample in the same parts.
    ///   - chance: how often an undrifted sample may exceed `noise`.
    package init(_ reference: ReferenceBins, live: [Int], chance: Double) {
        let n = reference.counts.reduce(0, +)
        let m = live.reduce(0, +)
        guard n > 0, m > 0 else {
            (index, noise) = (0, 0)
            return
        }
        var parts = Self.joined(reference, live: live, expecting: Double(m) / Double(n)).map {
            (reference: Double($0.reference), live: Double($0.live))
        }
        // Of the n + 1 gaps between the values of a continuous column two lie outside its range, and each holds the
        // same share of the population on average.
        let outside = reference.isContinuous ? 2.0 : 0
        for (place, expected) in [(reference.unseen, outside), (reference.missing, 0)]
        where reference.counts[place] + live[place] > 0 {
            parts.append((Double(reference.counts[place]) + expected, Double(live[place])))
        }
        let added = 0.5 * Double(parts.count)
        let (expectedTotal, observedTotal) = parts.reduce((added, added)) { ($0.0 + $1.reference, $0.1 + $1.live) }
        index = parts.reduce(0) { sum, part in
            let expected = (part.reference + 0.5) / expectedTotal
            let observed = (part.live + 0.5) / observedTotal
            return sum + (observed - expected) * log(observed / expected)
        }
        noise =
            ChiSquare.upperQuantile(chance, degreesOfFreedom: parts.count - 1) * (1 / Double(n) + 1 / Double(m))
    }

    private static func joined(
        _ bins: ReferenceBins, live: [Int], expecting factor: Double
    ) -> [(reference: Int, live: Int)] {
        var parts: [(reference: Int, live: Int)] = []
        var open = (reference: 0, live: 0)
        for place in 0..<bins.ordinary {
            open.reference += bins.counts[place]
            open.live += live[place]
            if open.reference >= 5, Double(open.reference) * factor >= 5 {
                parts.append(open)
                open = (0, 0)
            }
        }
        guard open.reference + open.live > 0 else { return parts }
        if let last = parts.popLast() { open = (open.reference + last.reference, open.live + last.live) }
        return parts + [open]
    }
}
