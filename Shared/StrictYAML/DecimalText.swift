// SPDX-License-Identifier: Apache-2.0

/// Reads non-negative decimal numbers as people write amounts of money, without going through binary floating point.
enum DecimalText {
    /// Why a text is not such a number.
    enum Problem: Error, Equatable {
        case notANumber
        /// It has more digits after the point than are kept.
        case tooPrecise
        case tooLarge
    }

    /// The number times ten to the power of `places`.
    /// - Parameter text: digits, at most one point, and optionally an exponent: `12`, `0.05`, `4e-7`.
    static func scaled(_ text: String, places: Int) throws(Problem) -> Int64 {
        let halves = text.lowercased().split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        let digits = parts[0] + fraction
        guard !parts[0].isEmpty, parts.count == 1 || !fraction.isEmpty, digits.utf8.allSatisfy(isDigit),
            let exponent = halves.count == 2 ? Int(halves[1]) : 0, abs(exponent) <= 100
        else { throw .notANumber }
        var significant = Substring(digits.drop { $0 == "0" })
        guard !significant.isEmpty else { return 0 }
        var shift = places - fraction.utf8.count + exponent
        while shift < 0 {
            guard significant.last == "0" else { throw .tooPrecise }
            significant.removeLast()
            shift += 1
        }
        guard significant.utf8.count + shift <= 19,
            let value = Int64(significant + String(repeating: "0", count: shift))
        else { throw .tooLarge }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
