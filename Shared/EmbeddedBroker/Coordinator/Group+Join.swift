// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension Group {
    /// A client wants to be, or to stay, a member.
    mutating func join(_ request: JoinCall, now: NIODeadline) -> [Action] {
        do {
            try checkProtocols(request)
            if request.memberID.isEmpty { return try joinUnknown(request, now: now) }
            return try joinKnown(request, now: now)
        } catch {
            return [.answerJoin(request.call, JoinGroupResponse(error: error, memberID: request.memberID))]
        }
    }

    private func checkProtocols(_ request: JoinCall) throws(ErrorCode) {
        guard !request.protocolType.isEmpty, !request.protocols.isEmpty else { throw .inconsistentGroupProtocol }
        let others = members.values.filter { member in
            let isReplaced = member.instanceID != nil && member.instanceID == request.instanceID
            return member.id != request.memberID && !isReplaced
        }
        guard !members.isEmpty, let protocolType else { return }
        let names = Set(request.protocols.map(\.name))
        let shared = others.reduce(names) { $0.intersection($1.protocols.map(\.name)) }
        guard others.isEmpty || (protocolType == request.protocolType && !shared.isEmpty) else {
            throw .inconsistentGroupProtocol
        }
    }

    private mutating func joinUnknown(_ request: JoinCall, now: NIODeadline) throws(ErrorCode) -> [Action] {
        if let instanceID = request.instanceID, let current = instances[instanceID] {
            return replaceStatic(current, with: request, now: now)
        }
        guard members.count + pending.count < request.maximumSize else { throw .groupMaximumSizeReached }
        if request.instanceID != nil { return add(request, id: request.newMemberID, now: now) }
        guard request.requiresKnownMemberID else { return add(request, id: request.newMemberID, now: now) }
        pending[request.newMemberID] = now + request.sessionTimeout
        let answer = JoinGroupResponse(error: .memberIDRequired, memberID: request.newMemberID)
        return [.answerJoin(request.call, answer)]
    }

    private mutating func joinKnown(_ request: JoinCall, now: NIODeadline) throws(ErrorCode) -> [Action] {
        if pending.removeValue(forKey: request.memberID) != nil {
            return add(request, id: request.memberID, now: now)
        }
        if let instanceID = request.instanceID {
            guard let current = instances[instanceID] else { throw .unknownMemberID }
            guard current == request.memberID else { throw .fencedInstanceID }
        }
        guard let member = members[request.memberID] else { throw .unknownMemberID }
        let isUnchanged = member.protocols == request.protocols
        switch state {
        case .completingRebalance where isUnchanged,
            .stable where isUnchanged && request.memberID != leaderID:
            // The answer to the last join was lost.
            update(request.memberID, from: request, now: now)
            members[request.memberID]?.joining = nil
            return [.answerJoin(request.call, joinAnswer(for: request.memberID))]
        case .empty:
            throw .unknownMemberID
        case .preparingRebalance, .completingRebalance, .stable:
            let superseded = member.joining.map { Action.answerJoin($0, JoinGroupResponse(error: .unknownMemberID)) }
            update(request.memberID, from: request, now: now)
            return (superseded.map { [$0] } ?? []) + prepareRebalance(now: now)
        }
    }

    private mutating func update(_ id: String, from request: JoinCall, now: NIODeadline) {
        members[id]?.protocols = request.protocols
        members[id]?.sessionTimeout = request.sessionTimeout
        members[id]?.rebalanceTimeout = request.rebalanceTimeout
        members[id]?.clientID = request.clientID
        members[id]?.clientHost = request.clientHost
        members[id]?.joining = request.call
        members[id]?.isHeard(at: now)
    }

    private mutating func add(_ request: JoinCall, id: String, now: NIODeadline) -> [Action] {
        if members.isEmpty {
            protocolType = request.protocolType
            if state == .empty, initialDelay > .zero {
                initialDelayEnd = now + min(initialDelay, request.rebalanceTimeout)
                initialDelayLimit = now + request.rebalanceTimeout
                hasNewcomers = false
            }
        } else if generation == 0 {
            hasNewcomers = true
        }
        members[id] = GroupMember(
            id: id, instanceID: request.instanceID, clientID: request.clientID, clientHost: request.clientHost,
            sessionTimeout: request.sessionTimeout, rebalanceTimeout: request.rebalanceTimeout,
            protocols: request.protocols, deadline: now + request.sessionTimeout, joining: request.call)
        order.append(id)
        if let instanceID = request.instanceID { instances[instanceID] = id }
        if leaderID == nil { leaderID = id }
        return prepareRebalance(now: now)
    }

    /// A static member came back under a new member id. With the subscription it had, a stable group stays as it is.
    private mutating func replaceStatic(_ old: String, with request: JoinCall, now: NIODeadline) -> [Action] {
        guard let previous = members.removeValue(forKey: old), let place = order.firstIndex(of: old) else {
            return add(request, id: request.newMemberID, now: now)
        }
        let fenced = fence(previous)
        let id = request.newMemberID
        var member = previous
        member.id = id
        member.joining = request.call
        member.syncing = nil
        members[id] = member
        order[place] = id
        if let instanceID = request.instanceID { instances[instanceID] = id }
        let oldLeader = leaderID
        if leaderID == old { leaderID = id }
        let keepsSubscription = hasSameSubscription(previous, request)
        update(id, from: request, now: now)
        guard state == .stable, keepsSubscription, selectProtocol() == protocolName else {
            return fenced + prepareRebalance(now: now)
        }
        members[id]?.joining = nil
        var answer = joinAnswer(for: id)
        // Under its old name the leader is nobody's: the member takes its assignment instead of making new ones.
        answer.leaderID = oldLeader ?? ""
        answer.members = []
        return fenced + [.persist, .answerJoin(request.call, answer)]
    }

    private func fence(_ member: GroupMember) -> [Action] {
        var actions: [Action] = []
        if let call = member.joining {
            actions.append(.answerJoin(call, JoinGroupResponse(error: .fencedInstanceID, memberID: member.id)))
        }
        if let call = member.syncing {
            actions.append(.answerSync(call, SyncGroupResponse(error: .fencedInstanceID)))
        }
        return actions
    }

    /// Compares what is subscribed to, not what else the metadata says: a restarted member owns no partitions yet.
    private func hasSameSubscription(_ member: GroupMember, _ request: JoinCall) -> Bool {
        guard member.protocols.map(\.name) == request.protocols.map(\.name) else { return false }
        return zip(member.protocols, request.protocols).allSatisfy { old, new in
            if old.metadata == new.metadata { return true }
            guard protocolType == "consumer", let topics = ConsumerSubscription.topics(in: old.metadata) else {
                return false
            }
            return topics == ConsumerSubscription.topics(in: new.metadata)
        }
    }
}
