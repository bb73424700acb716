// SPDX-License-Identifier: Apache-2.0

/// Numbers of one kind, from the rounds of one run.
struct Distribution: Codable, Sendable, Equatable {
    /// In the order measured.
    let values: [Double]

    init(_ values: [Double]) { self.values = values }

    var median: Double { quantile(0.5) }
    var minimum: Double { values.min() ?? .nan }
    var maximum: Double { values.max() ?? .nan }

    /// The smallest value that at least this share of the values do not exceed; between two middle values, for the
    /// median of an even number, their mean.
    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        if share == 0.5, sorted.count.isMultiple(of: 2) {
            return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
        }
        let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return sorted[min(max(rank, 0), sorted.count - 1)]
    }

    /// Round by round: this one's value over the other's. Rounds lie side by side, so what disturbs the machine for
    /// longer than a round disturbs both.
    func ratio(to other: Distribution) -> Distribution {
        Distribution(zip(values, other.values).map { $0 / $1 })
    }
}

extension Double {
    /// With three digits that count, and a space between thousands.
    var short: String {
        guard isFinite else { return "none" }
        let magnitude = magnitude
        let places = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
        return fixed(places)
    }

    /// With a number of decimal places, and a space between thousands.
    func fixed(_ places: Int) -> String {
        guard isFinite else { return "none" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((magnitude * scale).rounded())
        let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
        var digits = String(whole)
        var index = digits.count - 3
        while index > 0 {
            digits.insert(" ", at: digits.index(digits.startIndex, offsetBy: index))
            index -= 3
        }
        let tail = String(fraction)
        let padding = String(repeating: "0", count: max(0, places - tail.count))
        return (self < 0 ? "-" : "") + digits + (places > 0 ? "." + padding + tail : "")
    }
}

extension Distribution {
    /// `1.02 (0.97-1.10)`: median, smallest, largest.
    var spread: String { "\(median.short) (\(minimum.short)-\(maximum.short))" }
}
