// SPDX-License-Identifier: Apache-2.0

/// The URL of a git repository, as far as secrets may be in it.
public struct RepositoryURL: Sendable, Equatable {
    /// As it was given.
    public let text: String

    /// - Parameter text: Any form that git takes.
    public init(_ text: String) { self.text = text }

    /// A user's name, and perhaps a password, with the `@` that ends them; nil when there is none.
    private var userInformation: Substring? {
        guard let scheme = text.firstRange(of: "://"),
            let at = text[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
        else { return nil }
        return text[scheme.upperBound...at]
    }

    /// Whether there is a password, or, in a web address, anything before the `@`: tokens are given as users there.
    public var holdsCredentials: Bool {
        guard let userInformation else { return false }
        let isWeb = ["http://", "https://"].contains { text.lowercased().hasPrefix($0) }
        return isWeb || userInformation.contains(":")
    }

    /// Takes user and password out of what somebody says about the repository.
    public func redact(_ said: String) -> String {
        userInformation.map { said.replacing($0, with: "") } ?? said
    }
}
