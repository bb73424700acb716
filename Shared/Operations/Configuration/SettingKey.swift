// SPDX-License-Identifier: Apache-2.0

/// Whose setting a key is: every process reads `RELAY_<KEY>`, one service alone reads `RELAY_<SERVICE>_<KEY>`.
public enum SettingScope: Sendable {
    /// `RELAY_<SERVICE>_<KEY>`.
    case service
    /// `RELAY_<KEY>`.
    case suite
}

/// One key in its three forms; `stallAfter`, `stall-after`, `stall.after` and `STALL_AFTER` are the same.
struct SettingKey: Hashable, Sendable {
    /// Lower-case words.
    let words: [String]

    init(_ text: String, scope: SettingScope, service: String) {
        let own = Self.words(of: text)
        words = scope == .service ? Self.words(of: service) + own : own
    }

    /// `RELAY_KAFKA_BOOTSTRAP_SERVERS`.
    var environmentName: String { (["RELAY"] + words.map { $0.uppercased() }).joined(separator: "_") }
    /// `--kafka-bootstrap-servers`.
    var flag: String { "--" + words.joined(separator: "-") }

    private static func words(of text: String) -> [String] {
        // Words of capitals stay whole: KAFKA_SESSION is two words, sessionTimeout is two words.
        let camel = text.contains(where: \.isLowercase)
        var words: [String] = []
        var word = ""
        for character in text {
            let separates = !(character.isLetter || character.isNumber)
            if separates || (camel && character.isUppercase), !word.isEmpty {
                words.append(word)
                word = ""
            }
            if !separates { word += character.lowercased() }
        }
        return word.isEmpty ? words : words + [word]
    }
}
