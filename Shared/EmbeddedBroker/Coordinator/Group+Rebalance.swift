// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension Group {
    /// Starts a rebalance, or joins the one under way, and completes it when everyone is there.
    mutating func prepareRebalance(now: NIODeadline) -> [Action] {
        var actions: [Action] = []
        if state == .completingRebalance {
            actions = answerSyncs(error: .rebalanceInProgress)
        }
        if state != .preparingRebalance {
            state = .preparingRebalance
            rebalanceDeadline = now + (members.values.map(\.rebalanceTimeout).max() ?? .zero)
        }
        return actions + completeJoinIfReady(now: now)
    }

    mutating func completeJoinIfReady(now: NIODeadline) -> [Action] {
        guard state == .preparingRebalance, initialDelayEnd == nil, pending.isEmpty,
            members.values.allSatisfy({ $0.joining != nil })
        else { return [] }
        return completeJoin(now: now)
    }

    mutating func rebalanceTimedOut(now: NIODeadline) -> [Action] {
        switch state {
        case .preparingRebalance:
            let missing = order.filter { members[$0]?.joining == nil }
            let nobodyJoined = missing.count == members.count
            // A static member keeps its place until its session ends.
            for id in missing where members[id]?.instanceID == nil { forget(id) }
            pending = [:]
            initialDelayEnd = nil
            if nobodyJoined, !members.isEmpty {
                rebalanceDeadline = now + (members.values.map(\.rebalanceTimeout).max() ?? .zero)
                return []
            }
            return completeJoin(now: now)
        case .completingRebalance:
            for id in order where members[id].map({ $0.syncing == nil }) == true { forget(id) }
            return members.isEmpty ? becomeEmpty() : prepareRebalance(now: now)
        case .empty, .stable:
            rebalanceDeadline = nil
            return []
        }
    }

    private mutating func completeJoin(now: NIODeadline) -> [Action] {
        guard !members.isEmpty else { return becomeEmpty() }
        generation += 1
        protocolName = selectProtocol()
        if leaderID.flatMap({ members[$0]?.joining }) == nil {
            leaderID = order.first { members[$0]?.joining != nil } ?? order.first
        }
        state = .completingRebalance
        rebalanceDeadline = now + (members.values.map(\.rebalanceTimeout).max() ?? .zero)
        var actions: [Action] = []
        for id in order {
            members[id]?.assignment = Opaque()
            guard let call = members[id]?.joining else { continue }
            members[id]?.joining = nil
            members[id]?.isHeard(at: now)
            actions.append(.answerJoin(call, joinAnswer(for: id)))
        }
        return actions
    }

    private mutating func becomeEmpty() -> [Action] {
        if state != .empty { generation += 1 }
        state = .empty
        protocolName = nil
        leaderID = nil
        rebalanceDeadline = nil
        initialDelayEnd = nil
        return [.persist]
    }

    /// The protocol that all members know and most prefer.
    func selectProtocol() -> String? {
        let known = members.values.map { Set($0.protocols.map(\.name)) }
        guard let first = known.first else { return nil }
        let candidates = known.dropFirst().reduce(first) { $0.intersection($1) }
        var votes: [String: Int] = [:]
        for member in members.values {
            if let choice = member.protocols.first(where: { candidates.contains($0.name) }) {
                votes[choice.name, default: 0] += 1
            }
        }
        return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    func joinAnswer(for id: String) -> JoinGroupResponse {
        var answer = JoinGroupResponse(
            generation: generation, protocolType: protocolType, protocolName: protocolName ?? "",
            leaderID: leaderID ?? "", memberID: id)
        if id == leaderID {
            answer.members = order.compactMap { members[$0] }.map {
                JoinGroupResponse.Member(
                    memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
            }
        }
        return answer
    }

    // MARK: Sync

    /// A member asks for its assignment; the leader brings everyone's.
    mutating func sync(
        _ claim: MemberClaim, protocolType type: String?, protocolName name: String?,
        assignments: [String: Opaque], call: CallID, now: NIODeadline
    ) -> [Action] {
        do {
            try validate(claim)
            guard type == nil || type == protocolType, name == nil || name == protocolName else {
                throw ErrorCode.inconsistentGroupProtocol
            }
            members[claim.memberID]?.isHeard(at: now)
            switch state {
            case .empty: throw ErrorCode.unknownMemberID
            case .preparingRebalance: throw ErrorCode.rebalanceInProgress
            case .stable: return [.answerSync(call, syncAnswer(for: claim.memberID))]
            case .completingRebalance: break
            }
        } catch {
            return [.answerSync(call, SyncGroupResponse(error: error as? ErrorCode ?? .unknownServerError))]
        }
        var actions: [Action] = []
        if let superseded = members[claim.memberID]?.syncing {
            actions.append(.answerSync(superseded, SyncGroupResponse(error: .unknownMemberID)))
        }
        members[claim.memberID]?.syncing = call
        guard claim.memberID == leaderID else { return actions }
        for id in order { members[id]?.assignment = assignments[id] ?? Opaque() }
        state = .stable
        rebalanceDeadline = nil
        actions.append(.persist)
        for id in order {
            guard let call = members[id]?.syncing else { continue }
            members[id]?.syncing = nil
            members[id]?.isHeard(at: now)
            actions.append(.answerSync(call, syncAnswer(for: id)))
        }
        return actions
    }

    private func syncAnswer(for id: String) -> SyncGroupResponse {
        SyncGroupResponse(
            protocolType: protocolType, protocolName: protocolName, assignment: members[id]?.assignment ?? Opaque())
    }

    private mutating func answerSyncs(error: ErrorCode) -> [Action] {
        var actions: [Action] = []
        for id in order {
            guard let call = members[id]?.syncing else { continue }
            members[id]?.syncing = nil
            actions.append(.answerSync(call, SyncGroupResponse(error: error)))
        }
        return actions
    }

    // MARK: Leaving

    /// A member says goodbye, by its id, by its instance id, or by both.
    mutating func leave(memberID: String, instanceID: String?, now: NIODeadline) throws(ErrorCode) -> [Action] {
        if let instanceID {
            guard let current = instances[instanceID] else { throw .unknownMemberID }
            guard memberID.isEmpty || memberID == current else { throw .fencedInstanceID }
            return remove(current, now: now)
        }
        if pending.removeValue(forKey: memberID) != nil { return completeJoinIfReady(now: now) }
        guard members[memberID] != nil else { throw .unknownMemberID }
        return remove(memberID, now: now)
    }

    /// Takes a member out and lets the others share what it had.
    mutating func remove(_ id: String, now: NIODeadline) -> [Action] {
        var actions: [Action] = []
        if let call = members[id]?.joining {
            actions.append(.answerJoin(call, JoinGroupResponse(error: .unknownMemberID, memberID: id)))
        }
        if let call = members[id]?.syncing {
            actions.append(.answerSync(call, SyncGroupResponse(error: .unknownMemberID)))
        }
        forget(id)
        guard !members.isEmpty || !pending.isEmpty else { return actions + becomeEmpty() }
        return actions + prepareRebalance(now: now)
    }

    mutating func forget(_ id: String) {
        if let instanceID = members.removeValue(forKey: id)?.instanceID { instances[instanceID] = nil }
        order.removeAll { $0 == id }
        if leaderID == id { leaderID = order.first }
    }
}
