// SPDX-License-Identifier: Apache-2.0

/// Durations as people write them: `250ms`, `1.5s`, `10m`, `7h`; a bare number is not accepted, because it hides its
/// unit.
public enum DurationText {
    /// What is accepted, in words.
    public static let form = "a number with a unit: ms, s, m or h, as in 250ms"

    /// Nil when the text is not of the form or negative.
    public static func parse(_ text: String) -> Duration? {
        let units: [(suffix: String, milliseconds: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        guard let amount = Double(text.dropLast(unit.suffix.count)), amount.isFinite, amount >= 0 else { return nil }
        let milliseconds = amount * unit.milliseconds
        guard milliseconds < 1e15 else { return nil }
        return .microseconds(Int64((milliseconds * 1000).rounded()))
    }

    /// The shortest form that `parse` reads back: `90s`, `250ms`, `2h`.
    public static func write(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else {
            let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
            return milliseconds == milliseconds.rounded() ? "\(Int64(milliseconds))ms" : "\(milliseconds)ms"
        }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds >= 120, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
