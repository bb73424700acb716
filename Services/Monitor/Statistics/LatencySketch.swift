// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Latencies as counts in buckets whose bounds grow by a constant factor, so that every percentile is known within
/// 1 % of its value, and sketches of parts add up to the sketch of the whole.
///
/// Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
/// PVLDB 12(12), 2019. Values are held between 0.001 ms and 10^9 ms, so there are at most 1,382 buckets.
package struct LatencySketch: Sendable, Equatable {
    /// A percentile differs from the exact one by at most this share of it.
    static let relativeError = 0.01
    /// Shorter latencies count as this one.
    static let shortestMilliseconds = 0.001
    /// Longer latencies count as this one.
    static let longestMilliseconds = 1e9

    private static let growth = (1 + relativeError) / (1 - relativeError)
    private static let logGrowth = log(growth)

    private var buckets: [Int: Int] = [:]
    /// Latencies taken in.
    package private(set) var count = 0

    /// An empty sketch.
    package init() {}

    /// Takes in one latency; a number that is no latency is left out.
    package mutating func add(milliseconds: Double) {
        guard milliseconds >= 0 else { return }
        let held = min(max(milliseconds, Self.shortestMilliseconds), Self.longestMilliseconds)
        buckets[Int((log(held) / Self.logGrowth).rounded(.up)), default: 0] += 1
        count += 1
    }

    /// Takes in everything that another sketch has.
    package mutating func merge(_ other: LatencySketch) {
        buckets.merge(other.buckets, uniquingKeysWith: +)
        count += other.count
    }

    /// The latency that this share of all does not exceed (nearest rank), in milliseconds; 0 when there is none.
    package func percentile(_ share: Double) -> Double { percentiles([share]).first ?? 0 }

    /// Several percentiles at once, in the order asked for.
    package func percentiles(_ shares: [Double]) -> [Double] {
        guard count > 0 else { return shares.map { _ in 0 } }
        let sorted = buckets.sorted { $0.key < $1.key }
        return shares.map { share in
            let rank = max(1, Int((share * Double(count)).rounded(.up)))
            var seen = 0
            let bucket = sorted.first { bucket in
                seen += bucket.value
                return seen >= rank
            }
            // The middle of the bucket in relative terms: equally far from both of its bounds.
            return bucket.map { 2 * exp(Double($0.key) * Self.logGrowth) / (Self.growth + 1) } ?? 0
        }
    }
}
