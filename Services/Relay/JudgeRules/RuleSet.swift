// SPDX-License-Identifier: Apache-2.0

package import Baton

/// All rules of the race, and what they have to say about it: a fold over what can be seen from outside.
package struct RuleSet: Sendable {
    /// How strictly is judged.
    package struct Strictness: Sendable {
        /// How long an effect may take to follow its cause.
        package var patience: Duration = .seconds(60)
        /// How long a baton may take; nil: what its assignments declare.
        package var bound: Duration?
        /// Attempts at a duty, as the captain counts.
        package var attempts = RacePolicy().attempts
        /// How long the screen may be silent, or wrong without saying so.
        var screenBound: Duration = .seconds(8)

        /// As strictly as usual.
        package init() {}
    }

    let strictness: Strictness
    private var rules: [any Rule]
    private var horizon = Horizon()
    /// Records that the rules looked at.
    package private(set) var records = 0

    /// All rules, before the first record.
    package init(_ strictness: Strictness = Strictness()) {
        self.strictness = strictness
        rules = [
            RequestsRule(), HandoffsRule(), CourseRule(attempts: strictness.attempts), SupersededRule(), StatesRule(),
            EndingsRule(), ReleasesRule(), WatchesRule(), LedgerRule(), BooksRule(), DeadLettersRule(),
            ScreenRule(bound: strictness.screenBound),
        ]
    }

    /// Takes in a record. Those of one partition come in order; partitions come in any order.
    package mutating func observe(_ fact: Fact) {
        records += 1
        horizon.observe(fact)
        for index in rules.indices { rules[index].observe(fact) }
    }

    /// Takes in what the screen's feed said.
    package mutating func observe(_ sight: Sight) {
        for index in rules.indices { rules[index].observe(sight) }
    }

    /// Notes that a partition has no records before an offset any more.
    package mutating func forgotten(before place: Place) {
        horizon.forgotten(before: place)
        for index in rules.indices { rules[index].forgotten(before: place) }
    }

    /// What every rule says, in the order in which they are listed.
    package func judgements(at now: Timestamp, cut: Cut = .none) -> [Judgement] {
        let inquiry = Inquiry(
            now: now, cut: cut, patience: strictness.patience, bound: strictness.bound, attempts: strictness.attempts)
        return rules.map { rule in
            var verdict = rule.verdict(inquiry)
            verdict.violations.removeAll { $0.needsHistory && !horizon.covers($0.baton) }
            return Judgement(rule: type(of: rule).name, law: type(of: rule).law, verdict: verdict)
        }
    }

    /// Whether every baton has ended and nothing is still to follow.
    package func isSettled(at now: Timestamp) -> Bool { judgements(at: now).allSatisfy { $0.verdict.open == 0 } }
}

/// What one rule says.
package struct Judgement: Sendable {
    /// The rule's name.
    package var rule: String
    /// What must hold, in one sentence.
    package var law: String
    /// What it came to.
    package var verdict: Verdict
}

/// How far back everything is kept: topics forget, and of a baton that began before that not all can be asked.
struct Horizon: Sendable {
    private static let told: Set<Channel> = [
        .inbox, .batonEvents, .pipeline, .deploy, .monitor, .governance, .journal, .usage,
    ]

    private var cutPartitions: Set<Cut.Partition> = []
    private var since: Timestamp?
    private var requestedAt: [BatonID: Timestamp] = [:]

    mutating func forgotten(before place: Place) {
        guard Self.told.contains(place.channel) else { return }
        cutPartitions.insert(Cut.Partition(channel: place.channel, partition: place.partition))
    }

    mutating func observe(_ fact: Fact) {
        guard !cutPartitions.isEmpty || since != nil else { return }
        let partition = Cut.Partition(channel: fact.place.channel, partition: fact.place.partition)
        // The first record that is left.
        if cutPartitions.remove(partition) != nil { since = max(since ?? fact.claimedAt, fact.claimedAt) }
        if case .state(let state) = fact.content { requestedAt[state.baton] = state.requestedAt }
    }

    /// Whether all of a baton's history is there. A partition of which nothing is left says nothing about when it was
    /// cut, so then no baton is known to be whole.
    func covers(_ baton: BatonID?) -> Bool {
        guard let baton else { return cutPartitions.isEmpty && since == nil }
        guard cutPartitions.isEmpty else { return false }
        guard let since else { return true }
        return requestedAt[baton].map { $0 > since } ?? false
    }
}
