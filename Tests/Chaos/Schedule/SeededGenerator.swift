// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: the same seed gives the same numbers on every machine.
///
/// Source: https://doi.org/10.1145/2714064.2660195 (Steele, Lea, Flood 2014)
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for one part, so that parts do not disturb each other's numbers.
    mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }
}

extension Duration {
    /// A duration within bounds, to the millisecond.
    static func random(in range: ClosedRange<Duration>, using generator: inout SeededGenerator) -> Duration {
        let bounds = range.lowerBound.milliseconds...range.upperBound.milliseconds
        return .milliseconds(Int64.random(in: bounds, using: &generator))
    }

    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Seconds with one digit, as in `12.3 s`.
    var text: String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

/// Deals everything once in random order before it deals anything again.
struct Deck<Card: Sendable>: Sendable {
    private let cards: [Card]
    private var pile: [Card] = []

    init(_ cards: [Card]) { self.cards = cards }

    /// The next card that is wanted; nil when none is. Cards passed over stay on top.
    mutating func deal(using generator: inout SeededGenerator, where isWanted: (Card) -> Bool = { _ in true }) -> Card?
    {
        if let index = pile.firstIndex(where: isWanted) { return pile.remove(at: index) }
        guard cards.contains(where: isWanted) else { return nil }
        pile += cards.shuffled(using: &generator)
        return pile.firstIndex(where: isWanted).map { pile.remove(at: $0) }
    }
}
