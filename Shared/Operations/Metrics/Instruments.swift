// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A number that only grows.
public final class Counter: Instrument {
    private let count = Mutex(0.0)

    /// Adds an amount that is not negative.
    public func add(_ amount: Double = 1) { count.withLock { $0 += max(0, amount) } }
    /// The sum so far.
    public var value: Double { count.withLock { $0 } }

    func samples() -> [(suffix: String, labels: [Label], value: Double)] { [("", [], value)] }
}

/// A number that goes up and down.
public final class Gauge: Instrument {
    private let current = Mutex(0.0)

    /// Replaces the value.
    public func set(_ value: Double) { current.withLock { $0 = value } }
    /// Adds an amount, which may be negative.
    public func add(_ amount: Double) { current.withLock { $0 += amount } }
    /// The value now.
    public var value: Double { current.withLock { $0 } }

    func samples() -> [(suffix: String, labels: [Label], value: Double)] { [("", [], value)] }
}

/// How observations are distributed over buckets.
public final class Histogram: Instrument {
    /// Seconds, from 1 ms to 10 s.
    public static let durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        bounds = buckets.sorted()
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }

    /// Counts one observation.
    public func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// Counts a duration, in seconds.
    public func record(_ duration: Duration) {
        record(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
    }

    func samples() -> [(suffix: String, labels: [Label], value: Double)] {
        let state = state.withLock { $0 }
        var total: UInt64 = 0
        var samples: [(suffix: String, labels: [Label], value: Double)] = []
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
            samples.append(("_bucket", [Label(name: "le", value: bound)], Double(total)))
        }
        return samples + [("_sum", [], state.sum), ("_count", [], Double(total))]
    }
}

/// A number read at the time of asking.
final class Reading: Instrument {
    private let read: @Sendable () -> Double?

    init(read: @escaping @Sendable () -> Double?) { self.read = read }

    func samples() -> [(suffix: String, labels: [Label], value: Double)] {
        read().map { [("", [], $0)] } ?? []
    }
}
