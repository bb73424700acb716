// SPDX-License-Identifier: Apache-2.0

/// How one column of the reference sample is divided, and how many of its rows are in each part.
///
/// A column of more than ten different values is divided at its deciles, where ties leave fewer parts; a column of
/// few values has a part for each. Two more parts catch what the reference cannot: values that it never had (outside
/// its range, or between its few values), and missing values.
package struct ReferenceBins: Sendable, Equatable {
    /// The most parts that values of the reference are divided into.
    static let most = 10

    /// Between two neighbouring parts, half-way between the values that lie next to it, so that the same number
    /// computed in single and in double precision falls on the same side.
    private let bounds: [Double]
    /// The values, where they are few.
    private let values: [Double]?
    private let range: ClosedRange<Double>?
    private let tolerance: Double
    /// Rows of the reference in each part: the ordinary ones in order, then `unseen`, then `missing`.
    package private(set) var counts: [Int] = []

    /// Whether there are too many values for a part for each.
    var isContinuous: Bool { values == nil }
    /// The number of ordinary parts.
    var ordinary: Int { range == nil ? 0 : bounds.count + 1 }
    /// The place of what the reference never had.
    var unseen: Int { ordinary }
    /// The place of missing values.
    var missing: Int { ordinary + 1 }

    /// Divides a column; nil and not-a-number are missing values.
    package init(_ column: [Double?]) {
        let present = column.compactMap(\.self).filter { !$0.isNaN }.sorted()
        let distinct = present.reduce(into: [Double]()) { list, value in
            if list.last != value { list.append(value) }
        }
        if let first = distinct.first, let last = distinct.last {
            range = first...last
            // Single precision holds about seven digits.
            tolerance = 1e-6 * max(abs(first), abs(last))
        } else {
            range = nil
            tolerance = 0
        }
        values = distinct.count <= Self.most ? distinct : nil
        bounds = values.map(Self.between) ?? Self.deciles(of: present, distinct)
        counts = [Int](repeating: 0, count: ordinary + 2)
        for value in column { counts[place(of: value)] += 1 }
    }

    /// The part that a value belongs to.
    package func place(of value: Double?) -> Int {
        guard let value, !value.isNaN else { return missing }
        guard let range, value >= range.lowerBound - tolerance, value <= range.upperBound + tolerance else {
            return unseen
        }
        let place = bounds.partitionPoint { value > $0 }
        if let values, abs(values[place] - value) > tolerance { return unseen }
        return place
    }

    private static func between(_ values: [Double]) -> [Double] {
        zip(values, values.dropFirst()).map { $0 + ($1 - $0) / 2 }
    }

    private static func deciles(of sorted: [Double], _ distinct: [Double]) -> [Double] {
        var bounds: [Double] = []
        for part in 1..<most {
            let value = sorted[(part * sorted.count + most - 1) / most - 1]
            let next = distinct.partitionPoint { $0 <= value }
            guard next < distinct.count else { break }
            let bound = value + (distinct[next] - value) / 2
            if bounds.last != bound { bounds.append(bound) }
        }
        return bounds
    }
}

extension [Double] {
    /// The number of leading elements for which a condition holds, when it holds for none after the first for which
    /// it does not.
    fileprivate func partitionPoint(_ holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
