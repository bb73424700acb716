// SPDX-License-Identifier: Apache-2.0

/// One setting, declared once: reading, checking, `--help` and the reference page all come from it.
///
/// Keys are words with dashes, as in `stall-after`.
public struct Setting<Value: Sendable>: Sendable {
    /// Everything about it but the type of its value.
    public let declaration: SettingDeclaration
    let fallback: Value
    let parse: @Sendable (String) -> Value?

    /// - Parameters:
    ///   - key: Words in lower case with dashes.
    ///   - scope: Whose setting it is.
    ///   - form: What is accepted, in words that follow "is not".
    ///   - default: What it is when nobody sets it.
    ///   - shown: The default as a reader of the reference sees it.
    ///   - meaning: What it does, in a sentence or less.
    ///   - parse: Nil when a text is not of the form.
    public init(
        _ key: String, scope: SettingScope, form: String, default: Value, shown: String, _ meaning: String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        declaration = SettingDeclaration(
            key: key, scope: scope, form: form, shown: shown, meaning: meaning, accepts: { parse($0) != nil })
        fallback = `default`
        self.parse = parse
    }
}

/// What a reader of `--help` sees of a setting, and whether a text would do.
public struct SettingDeclaration: Sendable {
    let key: String
    let scope: SettingScope
    let form: String
    let shown: String
    let meaning: String
    let accepts: @Sendable (String) -> Bool

    func key(of service: String) -> SettingKey { SettingKey(key, scope: scope, service: service) }
}

/// Settings that are read together.
public struct SettingGroup: Sendable {
    /// A heading of the reference page.
    public let title: String
    /// In the order of the reference page.
    public let settings: [SettingDeclaration]

    /// - Parameters:
    ///   - title: Whose settings they are.
    ///   - settings: In the order of the reference page.
    public init(_ title: String, _ settings: [SettingDeclaration]) {
        self.title = title
        self.settings = settings
    }
}

extension Setting<Int> {
    /// A whole number within a range.
    public static func int(
        _ key: String, scope: SettingScope = .service, default: Int, in range: ClosedRange<Int>, _ meaning: String
    ) -> Setting {
        Setting(
            key, scope: scope, form: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            default: `default`, shown: "`\(`default`)`", meaning
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension Setting<Duration> {
    /// A duration with its unit: `250ms`, `1.5s`, `10m`, `7h`.
    public static func duration(
        _ key: String, scope: SettingScope = .service, default: Duration, atLeast least: Duration = .zero,
        atMost most: Duration? = nil, _ meaning: String
    ) -> Setting {
        var form = DurationText.form
        if least > .zero { form += ", at least \(DurationText.write(least))" }
        if let most { form += ", at most \(DurationText.write(most))" }
        return Setting(
            key, scope: scope, form: form, default: `default`, shown: "`\(DurationText.write(`default`))`", meaning
        ) { text in
            guard let duration = DurationText.parse(text), duration >= least else { return nil }
            if let most, duration > most { return nil }
            return duration
        }
    }
}

extension Setting<String?> {
    /// A text; nil when it is not set.
    public static func text(
        _ key: String, scope: SettingScope = .service, form: String = "a text", shown: String = "none",
        _ meaning: String, accepts: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> Setting {
        Setting(key, scope: scope, form: form, default: nil, shown: shown, meaning) { accepts($0) ? .some($0) : nil }
    }
}
