// SPDX-License-Identifier: Apache-2.0

/// A body that does not follow the Open Inference Protocol, with everything that is wrong with it.
public struct MalformedBody: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence for each problem, each beginning with where it is (`inputs[0].shape: ...`).
    public let problems: [String]

    /// A refusal for the given reasons.
    public init(problems: [String]) {
        self.problems = problems
    }

    /// All problems in one line.
    public var description: String { problems.joined(separator: "; ") }
}

/// Problems found so far in one body. Keeps the first ones: a tensor of a million wrong numbers needs no million lines.
struct Problems {
    static let limit = 20

    private(set) var list: [String] = []
    private var dropped = 0

    var isEmpty: Bool { list.isEmpty }

    mutating func add(_ place: String, _ what: String) {
        if list.count < Self.limit {
            list.append(place.isEmpty ? what : "\(place): \(what)")
        } else {
            dropped += 1
        }
    }

    func throwIfAny() throws(MalformedBody) {
        guard !list.isEmpty else { return }
        throw MalformedBody(problems: dropped == 0 ? list : list + ["and \(dropped) more"])
    }
}
