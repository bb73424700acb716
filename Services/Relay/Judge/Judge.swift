// SPDX-License-Identifier: Apache-2.0

import Baton

/// All rules of the race, and what they have to say about it: a fold over what can be seen from outside.
struct Judge: Sendable {
    /// How strictly is judged.
    struct Measure: Sendable {
        /// How long an effect may take to follow its cause.
        var patience: Duration = .seconds(60)
        /// How long a baton may take; nil: what its assignments declare.
        var bound: Duration?
        /// Attempts at a duty, as the captain counts.
        var attempts = RacePolicy().attempts
        /// How long the screen may be silent, or wrong without saying so.
        var screenBound: Duration = .seconds(8)
    }

    let measure: Measure
    private var rules: [any Rule]
    private var horizon = Horizon()
    private(set) var records = 0

    init(_ measure: Measure = Measure()) {
        self.measure = measure
        rules = [
            RequestsRule(), HandoffsRule(), CourseRule(attempts: measure.attempts), SupersededRule(), StatesRule(),
            EndingsRule(), ReleasesRule(), WatchesRule(), LedgerRule(), BooksRule(), DeadLettersRule(),
            ScreenRule(bound: measure.screenBound),
        ]
    }

    mutating func observe(_ fact: Fact) {
        records += 1
        horizon.observe(fact)
        for index in rules.indices { rules[index].observe(fact) }
    }

    mutating func observe(_ sight: Sight) {
        for index in rules.indices { rules[index].observe(sight) }
    }

    /// Notes that a partition has no records before an offset any more.
    mutating func forgotten(before place: Place) {
        horizon.forgotten(before: place)
        for index in rules.indices { rules[index].forgotten(before: place) }
    }

    /// What every rule says, in the order in which they are listed.
    func judgements(at now: Timestamp, cut: Cut = .none) -> [Judgement] {
        let inquiry = Inquiry(
            now: now, cut: cut, patience: measure.patience, bound: measure.bound, attempts: measure.attempts)
        return rules.map { rule in
            var verdict = rule.verdict(inquiry)
            verdict.violations.removeAll { $0.needsHistory && !horizon.covers($0.baton) }
            return Judgement(rule: type(of: rule).name, law: type(of: rule).law, verdict: verdict)
        }
    }

    /// Whether every baton has ended and nothing is still to follow.
    func isSettled(at now: Timestamp) -> Bool { judgements(at: now).allSatisfy { $0.verdict.open == 0 } }
}

/// What one rule says.
struct Judgement: Sendable {
    var rule: String
    var law: String
    var verdict: Verdict
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
