// SPDX-License-Identifier: Apache-2.0

/// Names one attempt at one duty of one baton.
public struct AttemptKey: Hashable, Sendable, CustomStringConvertible {
    public let baton: BatonID
    public let duty: Duty
    public let attempt: Int

    public init(baton: BatonID, duty: Duty, attempt: Int) {
        self.baton = baton
        self.duty = duty
        self.attempt = attempt
    }

    /// Reads what was written before; nil when it is something else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let baton = BatonID(parts[0]), let duty = Duty(rawValue: parts[1]),
            let attempt = Int(parts[2])
        else { return nil }
        self.init(baton: baton, duty: duty, attempt: attempt)
    }

    public var description: String { "\(baton)/\(duty.rawValue)/\(attempt)" }
}
