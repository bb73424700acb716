// SPDX-License-Identifier: Apache-2.0

public import Digest

/// Where the whole of a duty's report lies, when a baton carries a summary of it: in the artifact store, as the JSON of
/// the part that names it here.
public struct StoredReport: Codable, Sendable, Equatable {
    /// The digest of the JSON.
    public var digest: ContentDigest
    /// Its size.
    public var bytes: Int64
    /// How many entries are there and not here, by the name of their list; a list that is here as a whole is not named.
    public var leftOut: [String: Int]

    /// - Parameter leftOut: how many entries of a list the summary does without, by the list's name.
    public init(digest: ContentDigest, bytes: Int64, leftOut: [String: Int]) {
        self.digest = digest
        self.bytes = bytes
        self.leftOut = leftOut
    }

    /// Says what of some lists is not here, and where it is; nil when they are here as a whole.
    /// - Parameter lists: their names, in order.
    public func remark(on lists: [String]) -> String? {
        let missing = lists.compactMap { name in leftOut[name].map { "\($0) \(name)" } }
        guard !missing.isEmpty else { return nil }
        return "\(missing.joined(separator: ", ")) more are in the whole report, \(digest) in the artifact store"
    }
}

/// A duty's part of a baton's results that may be long, so that a baton carries a summary of it.
public protocol SummarisedPart: Codable, Sendable {
    /// Where the whole is; nil when this is it, as in what older legs handed over.
    var whole: StoredReport? { get set }

    /// Cuts the lists to what a baton carries.
    /// - Returns: how many entries of each were left out.
    mutating func shorten() -> [String: Int]
}

/// How many bytes of JSON a summary gives to a list. All of them together are well below the 64 kB that a baton is to
/// stay under, what it carries of other duties included.
enum SummaryBudget {
    static let list = 8_000
    static let shortList = 4_000
    /// Of one text.
    static let text = 1_000
}

extension Array where Element: Encodable {
    /// The first elements, as many as fit.
    func fitting(_ bytes: Int) -> [Element] {
        var left = bytes
        let end = firstIndex { element in
            left -= JSON.encode(element).count + 1
            return left < 0
        }
        return Array(self[..<(end ?? count)])
    }

    /// Cuts to what fits, and notes under a name how many did not.
    mutating func cut(to bytes: Int, _ name: String, _ leftOut: inout [String: Int]) {
        let kept = fitting(bytes)
        if kept.count < count { leftOut[name] = count - kept.count }
        self = kept
    }
}

extension String {
    /// The beginning, with a sign that there was more.
    var shortened: String {
        utf8.count <= SummaryBudget.text ? self : String(decoding: utf8.prefix(SummaryBudget.text), as: UTF8.self) + "…"
    }
}
