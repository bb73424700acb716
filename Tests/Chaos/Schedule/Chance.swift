// SPDX-License-Identifier: Apache-2.0

import TestSupport

extension SeededGenerator {
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
