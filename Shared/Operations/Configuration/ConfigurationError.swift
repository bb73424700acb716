// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with the configuration of a process, each problem with the key to change.
public struct ConfigurationError: DiagnosedError, Equatable {
    /// One wrong setting.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The environment form of the key, or the flag as it was given.
        public let key: String
        /// What is wrong with it; never repeats a value that may be a secret.
        public let reason: String

        /// - Parameters:
        ///   - key: The environment form of the key, or the flag as it was given.
        ///   - reason: What is wrong with it.
        public init(key: String, reason: String) {
            self.key = key
            self.reason = reason
        }

        /// `<key>: <reason>`.
        public var description: String { "\(key): \(reason)" }
    }

    /// Never empty.
    public let problems: [Problem]

    /// - Parameter problems: All that was found; at least one.
    public init(_ problems: [Problem]) { self.problems = problems }

    /// One problem.
    public init(key: String, reason: String) { problems = [Problem(key: key, reason: reason)] }

    /// What is wrong, in one sentence a problem.
    public var reason: String { problems.map(\.description).joined(separator: "; ") }
    /// What the operator can do.
    public var remedy: String { "correct \(Set(problems.map(\.key)).sorted().joined(separator: ", ")) and start again" }
    /// Same as `reason`.
    public var description: String { reason }
}

/// An error that can tell an operator what to do about it.
public protocol DiagnosedError: Error, CustomStringConvertible {
    /// What was wrong and where, in a sentence.
    var reason: String { get }
    /// What the operator can do.
    var remedy: String { get }
}

extension DiagnosedError {
    /// What was wrong, followed by what to do.
    public var description: String { "\(reason); \(remedy)" }
}
