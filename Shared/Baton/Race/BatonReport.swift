// SPDX-License-Identifier: Apache-2.0

/// What a captain tells of one baton: the body of `GET /batons/{id}`.
public struct BatonReport: Codable, Sendable, Equatable {
    public var state: BatonState
    /// The newest sign of life of the attempt that is out.
    public var progress: Progress?
    /// What it has cost so far; nil until governance has priced something.
    public var cost: Money?
    /// Decisions, oldest first; the newest ones when there are very many.
    public var journal: [JournalEntry]
    /// When the captain last heard anything about this baton.
    public var asOf: Timestamp

    public init(state: BatonState, progress: Progress?, cost: Money?, journal: [JournalEntry], asOf: Timestamp) {
        self.state = state
        self.progress = progress
        self.cost = cost
        self.journal = journal
        self.asOf = asOf
    }
}
