// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object, taken one by one, with all that is wrong with them noted at its place. What is null is
/// as if it were left out.
public struct JSONMembers {
    /// What was found wrong so far.
    public private(set) var problems: [Problem] = []

    private let members: [String: JSONValue]
    private let place: JSONPointer
    /// How members are called in words: with the names of the objects around them.
    private let prefix: String
    private var taken: Set<String> = []

    /// - Parameters:
    ///   - place: Where the object is in its document.
    ///   - prefix: Comes before the names of members in words: `project.`.
    public init(_ members: [String: JSONValue], at place: JSONPointer = .root, prefix: String = "") {
        self.members = members
        self.place = place
        self.prefix = prefix
    }

    /// Notes a problem of a member.
    public mutating func note(_ message: String, at name: String) {
        problems.append(Problem(message, at: place / name))
    }

    /// Notes a problem of something inside a member.
    public mutating func note(_ message: String, at inner: JSONPointer) {
        problems.append(Problem(message, at: place + inner))
    }

    /// A member that must be a text.
    public mutating func text(_ name: String, _ rule: TextRule, required: Bool = false) -> String? {
        switch take(name) {
        case nil:
            if required { note("\(prefix)\(name) is missing", at: name) }
        case .string(let text):
            guard let fault = rule.fault(in: text) else { return text }
            note("\(prefix)\(name) \(fault)", at: name)
        case let other?: note("\(prefix)\(name) must be a string, not \(other.kind)", at: name)
        }
        return nil
    }

    /// A member that must be an object; nil when it is not there, or is something else and a problem.
    public mutating func object(_ name: String) -> [String: JSONValue]? {
        switch take(name) {
        case nil: return nil
        case .object(let members): return members
        case let other?:
            note("\(prefix)\(name) must be an object, not \(other.kind)", at: name)
            return nil
        }
    }

    /// The members of a member.
    public func inner(_ members: [String: JSONValue], of name: String) -> JSONMembers {
        JSONMembers(members, at: place / name, prefix: "\(prefix)\(name).")
    }

    /// Adds the problems of an inner object.
    public mutating func absorb(_ inner: JSONMembers) { problems += inner.problems }

    /// Whether a member says something.
    public func has(_ name: String) -> Bool { members[name].map { $0 != .null } ?? false }

    /// Notes whatever nobody asked for.
    public mutating func finish() {
        for name in members.keys.sorted() where !taken.contains(name) {
            note("\(prefix)\(name.prefix(100)) is not a known member", at: name)
        }
    }

    private mutating func take(_ name: String) -> JSONValue? {
        taken.insert(name)
        return members[name].flatMap { $0 == .null ? nil : $0 }
    }
}
