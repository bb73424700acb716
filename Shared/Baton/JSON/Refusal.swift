// SPDX-License-Identifier: Apache-2.0

/// All that is wrong with an input.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// Never empty.
    public let details: [Problem]

    /// Nobody corrects more than this at a time.
    static let most = 50

    /// The first of `details`, and how many more there are.
    public init(_ details: [Problem]) {
        let more = details.count - Self.most
        self.details = more > 0 ? details.prefix(Self.most) + [Problem("and \(more) more problems")] : details
    }

    public init(_ problems: [String]) { details = problems.map { Problem($0) } }
    public init(_ problem: String) { details = [Problem(problem)] }

    /// One sentence for each problem.
    public var problems: [String] { details.map(\.description) }

    public var description: String { problems.joined(separator: "; ") }

    /// The same of a document that stands inside another one.
    public func below(_ pointer: JSONPointer) -> Refusal {
        Refusal(details.map { Problem($0.message, at: pointer + ($0.pointer ?? .root)) })
    }
}
