// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The measurements of one process, served as Prometheus text at `GET /metrics`.
///
/// Asking twice for the same name and labels gives the same instrument. Label values must come from closed sets
/// (an outcome, a lane, a leg), never from data, so that the number of series stays bounded.
public final class Metrics: Sendable {
    struct Family {
        let kind: String
        let help: String
        var series: [[Label]: any Instrument] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    /// An empty registry.
    public init() {}

    /// A number that only grows. By convention the name ends with `_total`.
    public func counter(_ name: String, help: String, labels: [String: String] = [:]) -> Counter {
        instrument(name, kind: "counter", help, labels) { Counter() }
    }

    /// A number that goes up and down. The name ends with its unit.
    public func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> Gauge {
        instrument(name, kind: "gauge", help, labels) { Gauge() }
    }

    /// How observations are distributed. The name ends with its unit.
    /// - Parameter buckets: Upper bounds, ascending; the last bucket, without a bound, is added.
    public func histogram(
        _ name: String, help: String, labels: [String: String] = [:], buckets: [Double] = Histogram.durationBuckets
    ) -> Histogram {
        instrument(name, kind: "histogram", help, labels) { Histogram(buckets: buckets) }
    }

    /// A number read at the time of asking; absent while `read` gives nil.
    /// - Parameter grows: Whether it is exposed as a counter.
    public func observe(
        _ name: String, help: String, labels: [String: String] = [:], grows: Bool = false,
        read: @escaping @Sendable () -> Double?
    ) {
        _ = instrument(name, kind: grows ? "counter" : "gauge", help, labels) { Reading(read: read) }
    }

    /// All families by name.
    func snapshot() -> [(name: String, family: Family)] {
        families.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 }
    }

    private func instrument<Kind: Instrument>(
        _ name: String, kind: String, _ help: String, _ labels: [String: String], make: () -> Kind
    ) -> Kind {
        let labels = labels.map { Label(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind, help: help)
            precondition(family.kind == kind, "the metric \(name) is a \(family.kind), not a \(kind)")
            if let known = family.series[labels] as? Kind { return known }
            let made = make()
            family.series[labels] = made
            families[name] = family
            return made
        }
    }
}

/// A dimension of a metric.
struct Label: Hashable, Sendable {
    let name: String
    let value: String
}

/// What a registry holds: something that can say its current samples.
protocol Instrument: Sendable {
    /// Suffix of the sample's name, further labels, value.
    func samples() -> [(suffix: String, labels: [Label], value: Double)]
}
