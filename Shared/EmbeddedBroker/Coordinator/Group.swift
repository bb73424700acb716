// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A consumer group under the classic protocol. No I/O and no clock: callers pass the time and perform the actions.
///
/// Joining, syncing and leaving are in extensions by that name.
struct Group: Equatable {
    enum State: String {
        case empty = "Empty"
        case preparingRebalance = "PreparingRebalance"
        case completingRebalance = "CompletingRebalance"
        case stable = "Stable"
    }

    enum Action: Equatable {
        case answerJoin(CallID, JoinGroupResponse)
        case answerSync(CallID, SyncGroupResponse)
        /// The group came to rest: its record must be written.
        case persist
    }

    let id: String
    var state = State.empty
    var generation: Int32 = 0
    var protocolType: String?
    var protocolName: String?
    var leaderID: String?
    var members: [String: GroupMember] = [:]
    /// Members in the order in which they came: the first one leads.
    var order: [String] = []
    var instances: [String: String] = [:]
    /// Member ids given out that have not come back, with the time when they are given up.
    var pending: [String: NIODeadline] = [:]
    /// When a rebalance goes on without those who have not joined, or have not synced.
    var rebalanceDeadline: NIODeadline?
    /// The earliest end of the first rebalance of an empty group.
    var initialDelayEnd: NIODeadline?
    /// When the first rebalance goes on however many members still come.
    var initialDelayLimit = NIODeadline.distantFuture
    /// Whether members have come since the initial delay began, which then starts again.
    var hasNewcomers = false
    let initialDelay: TimeAmount

    init(id: String, initialDelay: TimeAmount) {
        self.id = id
        self.initialDelay = initialDelay
    }

    /// When `tick` has something to do next.
    var nextDeadline: NIODeadline? {
        var next = rebalanceDeadline
        func consider(_ deadline: NIODeadline?) {
            guard let deadline else { return }
            next = next.map { min($0, deadline) } ?? deadline
        }
        consider(initialDelayEnd)
        pending.values.forEach(consider)
        members.values.forEach { if !$0.isWaiting { consider($0.deadline) } }
        return next
    }

    /// Does what is due: drops dead members, ends rebalances that took too long.
    mutating func tick(now: NIODeadline) -> [Action] {
        var actions: [Action] = []
        pending = pending.filter { $0.value > now }
        for id in order where members[id].map({ !$0.isWaiting && $0.deadline <= now }) == true {
            actions += remove(id, now: now)
        }
        if let end = initialDelayEnd, end <= now {
            let mayWait = hasNewcomers && now < initialDelayLimit
            initialDelayEnd = mayWait ? min(now + initialDelay, initialDelayLimit) : nil
            hasNewcomers = false
        }
        if let deadline = rebalanceDeadline, deadline <= now {
            actions += rebalanceTimedOut(now: now)
        }
        return actions + completeJoinIfReady(now: now)
    }

    // MARK: Who is it

    /// Checks a member's claim; throws the error to answer with.
    func validate(_ claim: MemberClaim) throws(ErrorCode) {
        if let instanceID = claim.instanceID {
            guard let current = instances[instanceID] else { throw .unknownMemberID }
            guard current == claim.memberID else { throw .fencedInstanceID }
        }
        guard members[claim.memberID] != nil else { throw .unknownMemberID }
        guard claim.generation == generation else { throw .illegalGeneration }
    }

    /// Checks whether offsets may be committed under a claim.
    func validateCommit(_ claim: MemberClaim, isTransactional: Bool) throws(ErrorCode) {
        if claim.generation < 0, state == .empty { return }
        if claim.generation >= 0 || !claim.memberID.isEmpty || claim.instanceID != nil {
            try validate(claim)
        } else if !isTransactional, state != .empty {
            // A group with members does not take offsets from outside.
            throw .unknownMemberID
        }
        if !isTransactional, state == .completingRebalance { throw .rebalanceInProgress }
    }

    mutating func heartbeat(_ claim: MemberClaim, now: NIODeadline) throws(ErrorCode) {
        try validate(claim)
        members[claim.memberID]?.isHeard(at: now)
        if state == .preparingRebalance { throw .rebalanceInProgress }
    }

    /// A commit is a sign of life.
    mutating func heard(_ memberID: String, now: NIODeadline) {
        members[memberID]?.isHeard(at: now)
    }
}
