// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime

/// The captain's decisions over the partitions it owns: a fold without I/O and without a clock.
///
/// One round is `take` (records), then `suspects` (who has been silent for too long), then `order` (what time
/// demands), then `settle`. Until `settle` all changes are provisional.
struct Orchestrator: Sendable {
    let race: Race
    let topics: Topics
    private var hearing: HearingClock
    private var shares: [Int32: Share] = [:]
    private var outputs = Outputs()
    private var turns: [Turn] = []

    init(policy: RacePolicy, topics: Topics, hearing: HearingClock = HearingClock()) {
        race = Race(policy: policy)
        self.topics = topics
        self.hearing = hearing
    }

    // MARK: Partitions

    /// Takes over a partition with its restored batons. Their runners get full patience from now on.
    mutating func own(_ partition: Int32, _ share: Share, now: Timestamp) {
        shares[partition] = share
        for state in share.out { shares[partition]?.refreshSign(of: state, now: now) }
    }

    /// Gives a partition up.
    mutating func disown(_ partition: Int32) { shares[partition] = nil }

    var owned: [Int32] { shares.keys.sorted() }

    /// A baton's state as the open transaction sees it.
    func state(of baton: BatonID) -> BatonState? { shares.values.lazy.compactMap { $0.state(of: baton) }.first }

    /// Whether a baton is out, as the open transaction sees it.
    var hasBatonsOut: Bool { shares.values.contains { $0.hasBatonsOut } }

    /// Committed batons by phase, of the owned partitions.
    var counts: [Phase: Int] {
        var counts: [Phase: Int] = [:]
        for share in shares.values { share.count(into: &counts) }
        return counts
    }

    /// What was found unreadable at restoration.
    var unreadable: [BatonID: String] {
        shares.values.reduce(into: [:]) { $0.merge($1.unreadable) { first, _ in first } }
    }

    // MARK: A round

    /// Begins a round: what was heard, and what happened.
    mutating func take(_ records: [ConsumerRecord], now: Timestamp) {
        // What is still provisional was never settled, so it was not committed.
        settleShares(committed: false)
        let deafness = hearing.look(at: now)
        if deafness != .zero { for partition in owned { shares[partition]?.shiftSigns(by: deafness) } }
        for record in records where record.topic == topics.progress { hear(record, now: now) }
        for record in records where record.topic == topics.batonEvents { fold(record, now: now) }
    }

    /// Attempts that have been silent for too long, by partition, and how far the captain has read there.
    ///
    /// A suspicion alone is no reason to act: what the runner said may still be on its way.
    mutating func suspects(now: Timestamp) -> [Int32: [Suspect]] {
        var suspects: [Int32: [Suspect]] = [:]
        for partition in owned {
            guard var share = shares[partition] else { continue }
            for state in share.out {
                guard let key = state.currentKey else { continue }
                share.refreshSign(of: state, now: now)
                let silence = share.signs[state.id].map { now - $0.at } ?? .zero
                if silence >= race.policy.silence(ofAttempt: key.attempt) {
                    suspects[partition, default: []].append(Suspect(key: key, silence: silence))
                }
            }
            shares[partition] = share
        }
        return suspects
    }

    /// Orders what time demands, and ends the round.
    /// - Parameters:
    ///   - suspects: from `suspects(now:)`.
    ///   - ends: where the progress topic ends, as the broker says now; nil when it does not answer.
    /// - Returns: what is to be written in one transaction.
    mutating func order(
        _ suspects: [Int32: [Suspect]], progressEnds ends: [Int32: Int64]?, now: Timestamp
    ) -> Outputs {
        for (partition, suspects) in suspects {
            guard let ends else {
                // Nobody can be heard, so nobody is silent.
                shares[partition]?.resetSigns(now: now)
                continue
            }
            let isBehind = ends[partition].map { $0 > shares[partition]?.progressPosition ?? 0 } ?? false
            for suspect in suspects {
                let limit = race.policy.silence(ofAttempt: suspect.key.attempt) + race.policy.longestSilence
                if isBehind, suspect.silence < limit { continue }
                apply(.stalled(suspect.key), to: suspect.key.baton, in: partition, now: now)
            }
        }
        for partition in owned {
            for state in shares[partition]?.out ?? [] {
                guard let key = state.currentKey, let current = state.current, current.deadline <= now else { continue }
                if isExcused(state, key, in: partition, now: now) { continue }
                apply(.deadlinePassed(key), to: key.baton, in: partition, now: now)
            }
        }
        outputs.late += states(now: now)
        return outputs
    }

    /// Whether a deadline that has passed is not held against an attempt: it waits for what somebody has to mend. A
    /// captain that has only just taken the baton over has not heard yet whether it does.
    private func isExcused(_ state: BatonState, _ key: AttemptKey, in partition: Int32, now: Timestamp) -> Bool {
        guard !state.isWithdrawing, let sign = shares[partition]?.signs[state.id], sign.key == key else { return false }
        return sign.isHeldUp || (sign.worker == nil && now - sign.at < race.policy.silence(ofAttempt: key.attempt))
    }

    /// The round's transaction was committed, or aborted.
    /// - Returns: what now stands, in order.
    mutating func settle(committed: Bool) -> [Turn] {
        defer { settleShares(committed: committed) }
        return committed ? turns : []
    }

    private mutating func settleShares(committed: Bool) {
        for partition in owned { shares[partition]?.settle(committed: committed) }
        outputs = Outputs()
        turns = []
    }

    // MARK: One record

    private mutating func hear(_ record: ConsumerRecord, now: Timestamp) {
        guard var share = shares[record.partition] else { return }
        share.progressPosition = max(share.progressPosition, record.offset + 1)
        // A report that cannot be read is no sign of life, and nothing is lost with it: the next one comes at once.
        if let event = try? record.cloudEvent(), let progress = try? Progress.read(event),
            let state = share.state(of: progress.baton), state.currentKey == progress.key,
            state.current?.lane == progress.lane
        {
            share.signs[progress.baton] = SignOfLife(
                key: progress.key, at: now, worker: progress.worker, isHeldUp: progress.isHeldUp ?? false)
        }
        shares[record.partition] = share
    }

    private mutating func fold(_ record: ConsumerRecord, now: Timestamp) {
        do {
            let (baton, event) = try RaceEvent.read(record)
            if let reason = shares[record.partition]?.unreadable[baton] { throw Refusal(reason) }
            apply(event, to: baton, in: record.partition, now: now, record: "\(record.partition)@\(record.offset)")
        } catch {
            outputs.records.append(deadLetter(record, reason: "\(error)", reader: "captain", topics: topics))
        }
    }

    private mutating func apply(
        _ event: RaceEvent, to baton: BatonID, in partition: Int32, now: Timestamp, record: String? = nil
    ) {
        guard var share = shares[partition] else { return }
        let before = share.state(of: baton)
        let (state, commands) = race.apply(event, to: before, of: baton, now: now, record: record)
        let turn = Turn(
            baton: baton, event: event, before: before, after: state,
            decisions: commands.compactMap { if case .journal(let entry) = $0 { entry } else { nil } },
            worker: share.signs[baton].flatMap { $0.key == before?.currentKey ? $0.worker : nil })
        if let state, state != before {
            share.change(baton, to: state)
            share.refreshSign(of: state, now: now)
        }
        shares[partition] = share
        let trace = turn.trace
        for command in commands { write(command, trace, now) }
        if !turn.decisions.isEmpty { turns.append(turn) }
    }

    /// What runners wait for is written first; what only tells of it can be made meanwhile.
    private mutating func write(_ command: RaceCommand, _ trace: BatonTrace, _ now: Timestamp) {
        guard case .journal = command else {
            return outputs.records.append(command.record(topics, trace: trace, now: now))
        }
        outputs.late.append(
            LateRecord(topic: topics.journal) { [topics] in command.record(topics, trace: trace, now: now) })
    }

    private func states(now: Timestamp) -> [LateRecord] {
        owned.flatMap { partition in
            (shares[partition]?.changed ?? []).map { state in
                LateRecord(topic: topics.batons) { [topics] in
                    // The same partition number as the baton's events: whoever owns those restores from these.
                    state.record(
                        topic: topics.batons, key: state.id.description, id: "\(state.id)/\(state.version)",
                        source: captainSource, subject: state.id.description, time: now, trace: state.trace.race,
                        partition: partition)
                }
            }
        }
    }
}

/// An attempt of which nothing was heard for too long.
struct Suspect: Sendable, Equatable {
    let key: AttemptKey
    let silence: Duration
}

extension Share {
    /// Starts to listen for the attempt that is out, if it is another one than before.
    mutating func refreshSign(of state: BatonState, now: Timestamp) {
        guard let key = state.currentKey else { return signs[state.id] = nil }
        if signs[state.id]?.key != key { signs[state.id] = SignOfLife(key: key, at: now) }
    }

    mutating func shiftSigns(by duration: Duration) {
        for baton in Array(signs.keys) {
            guard let at = signs[baton]?.at else { continue }
            signs[baton]?.at = at + duration
        }
    }

    mutating func resetSigns(now: Timestamp) {
        for baton in Array(signs.keys) { signs[baton]?.at = now }
    }
}
