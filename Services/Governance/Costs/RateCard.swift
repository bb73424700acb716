// SPDX-License-Identifier: Apache-2.0

package import Baton
import StrictYAML

/// What each measured resource costs.
package struct RateCard: Sendable, Equatable {
    /// ISO 4217.
    package let currency: String
    /// Price of one unit of each resource, in millionths of a millionth of the currency's unit.
    let prices: [Usage.Resource: Int64]

    /// A consumption that has no price.
    package struct Unpriceable: Error, Equatable, CustomStringConvertible {
        /// What was asked for, and why it has none.
        package let description: String
    }

    /// The price of a consumption, exact and then rounded once, to the nearest millionth (halves up).
    ///
    /// The amount is a binary floating-point number, so it is a whole number times a power of two; the product with
    /// the price is formed in whole numbers of 128 bits, and nothing is lost before the one rounding.
    package func price(of resource: Usage.Resource, amount: Double) throws(Unpriceable) -> Money {
        guard amount.isFinite, amount >= 0 else {
            throw Unpriceable(
                description: "\(amount) \(resource.rawValue) is not an amount: it must be finite and >= 0")
        }
        guard let picos = prices[resource] else {
            throw Unpriceable(description: "the rate card has no price for \(resource.rawValue)")
        }
        guard amount > 0, picos > 0 else { return Money(micros: 0, currency: currency) }
        let whole = UInt128(UInt64(amount.significand * 0x1p52)) * UInt128(UInt64(picos))
        let shift = Int(amount.exponent) - 52 - resource.binaryDigitsPerUnit
        guard let micros = Self.rounded(whole, shift: shift) else {
            throw Unpriceable(description: "\(amount) \(resource.rawValue) costs more than can be written")
        }
        return Money(micros: micros, currency: currency)
    }

    /// `whole * 2^shift / 10^6`, rounded; nil when it does not fit.
    private static func rounded(_ whole: UInt128, shift: Int) -> Int64? {
        let million: UInt128 = 1_000_000
        if shift >= 0 {
            guard whole.leadingZeroBitCount > shift else { return nil }
            return Int64(exactly: ((whole << UInt128(shift)) + million / 2) / million)
        }
        // `whole` is below 2^116: less than half a millionth is left of it then.
        guard shift > -100 else { return 0 }
        let divisor = million << UInt128(-shift)
        return Int64(exactly: (whole + divisor / 2) / divisor)
    }
}

extension Usage.Resource {
    /// The resource is measured in bytes and priced by the gibibyte, 2^30 of them; others are priced as measured.
    fileprivate var binaryDigitsPerUnit: Int {
        switch self {
        case .storedBytes, .movedBytes: 30
        case .cpuSeconds, .requests: 0
        }
    }

    /// The key of its price in the rate-card file.
    var priceKey: String {
        switch self {
        case .cpuSeconds: "cpuSecond"
        case .storedBytes: "storedGibibyte"
        case .requests: "request"
        case .movedBytes: "movedGibibyte"
        }
    }
}

extension RateCard {
    /// Reads the rate-card file's text.
    /// - Throws: `Refusal` with everything that is wrong with it.
    package init(yaml text: String) throws(Refusal) {
        var yaml = YAMLReader()
        let root = yaml.root(of: text)
        yaml.expect(["currency", "prices"], in: root)
        let currency = yaml.currency("currency", in: root)
        let listed = yaml.mapping(root["prices"], at: "prices")
        yaml.expect(Usage.Resource.allCases.map(\.priceKey), in: listed)
        var prices: [Usage.Resource: Int64] = [:]
        for resource in Usage.Resource.allCases {
            prices[resource] = yaml.decimal(resource.priceKey, in: listed, places: 12)
        }
        guard yaml.problems.isEmpty, let currency else { throw Refusal(yaml.problems) }
        self.init(currency: currency, prices: prices)
    }
}
