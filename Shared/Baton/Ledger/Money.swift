// SPDX-License-Identifier: Apache-2.0

/// An amount in millionths of a currency's unit, so that sums are exact.
public struct Money: Codable, Sendable, Equatable, CustomStringConvertible {
    /// Millionths of the unit.
    public var micros: Int64
    /// ISO 4217, `USD` for example.
    public var currency: String

    public init(micros: Int64, currency: String) {
        self.micros = micros
        self.currency = currency
    }

    /// An amount in whole units, rounded to the nearest millionth.
    public init(_ units: Double, currency: String) {
        self.init(micros: Int64((units * 1_000_000).rounded()), currency: currency)
    }

    /// `0.001234 USD`.
    public var description: String {
        let (units, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let digits = String(rest)
        let fraction = String(repeating: "0", count: 6 - digits.count) + digits
        return "\(micros < 0 ? "-" : "")\(units).\(fraction) \(currency)"
    }
}
