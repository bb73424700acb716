// SPDX-License-Identifier: Apache-2.0

import ShownText

/// What a text that somebody sends may be. `docs/events` says the same to its readers.
public struct TextRule: Sendable {
    private let longest: Int
    private let isAllowed: @Sendable (Unicode.Scalar) -> Bool
    private let allowed: String
    /// Whether it must say something.
    private let isSpoken: Bool

    /// A model, by the name that `relay.yaml` may declare: it stands in addresses and in Kafka's keys.
    public static let model = TextRule(
        longest: 200, isSpoken: false, allowed: "may hold letters, digits, \".\", \"_\" and \"-\" only"
    ) { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }

    /// Whoever asks: two names that look the same are the same.
    public static let person = TextRule(longest: 200, isSpoken: true, allowed: "may hold visible characters only") {
        !HiddenCharacters.contains($0, in: HiddenCharacters.inNames)
    }

    /// Why: a few lines at most.
    public static let reason = TextRule(
        longest: shownTextLimit, isSpoken: true, allowed: "may hold no control characters but line breaks and tabs"
    ) { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control }

    /// The path of a file, or the address of a repository.
    public static let path = TextRule(longest: 4_096, isSpoken: false, allowed: "may hold no control characters") {
        $0.properties.generalCategory != .control
    }

    private init(
        longest: Int, isSpoken: Bool, allowed: String, isAllowed: @escaping @Sendable (Unicode.Scalar) -> Bool
    ) {
        self.longest = longest
        self.isSpoken = isSpoken
        self.allowed = allowed
        self.isAllowed = isAllowed
    }

    /// What is wrong with a text, in words that follow its name; nil when nothing is.
    public func fault(in text: String) -> String? {
        if text.isEmpty { return "is empty" }
        let length = text.unicodeScalars.count
        if length > longest { return "has \(length) characters, and at most \(longest) are taken" }
        guard let bad = text.unicodeScalars.first(where: { !isAllowed($0) }) else {
            return isSpoken && text.unicodeScalars.allSatisfy(\.properties.isWhitespace) ? "is blank" : nil
        }
        return "\(allowed), and holds U+\(bad.hexadecimal)"
    }
}
