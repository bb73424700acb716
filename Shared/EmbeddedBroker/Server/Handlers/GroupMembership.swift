// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension JoinGroupRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (JoinGroupResponse) -> Void) {
        guard !groupID.isEmpty else {
            return reply(JoinGroupResponse(error: .invalidGroupID, memberID: memberID))
        }
        let session = Duration.milliseconds(Int64(sessionTimeoutMilliseconds))
        guard broker.configuration.groupSessionTimeouts.contains(session) else {
            return reply(JoinGroupResponse(error: .invalidSessionTimeout, memberID: memberID))
        }
        let isNew = broker.groups[groupID] == nil
        guard !isNew || memberID.isEmpty else {
            return reply(JoinGroupResponse(error: .unknownMemberID, memberID: memberID))
        }
        do throws(ErrorCode) {
            try broker.admit(self, context)
        } catch {
            return reply(JoinGroupResponse(error: error, memberID: memberID))
        }
        if isNew { broker.groups[groupID] = Group(id: groupID, initialDelay: broker.initialRebalanceDelay) }
        let rebalance =
            rebalanceTimeoutMilliseconds > 0 ? rebalanceTimeoutMilliseconds : sessionTimeoutMilliseconds
        let call = CallID(value: broker.nextNumber())
        broker.joins[call] = reply
        let join = JoinCall(
            call: call, memberID: memberID, instanceID: groupInstanceID, clientID: context.clientID,
            clientHost: context.clientHost, sessionTimeout: TimeAmount(session),
            rebalanceTimeout: .milliseconds(Int64(rebalance)), protocolType: protocolType, protocols: protocols,
            requiresKnownMemberID: context.version >= 4,
            newMemberID: MemberName.make(groupInstanceID ?? context.clientID),
            maximumSize: broker.configuration.groupLimits.maxSize)
        broker.change(groupID) { group, now in group.join(join, now: now) }
        // Who was refused leaves nothing behind.
        broker.forgetIfUnused(groupID)
    }
}

/// A member's id: for people who it is, and what makes it unique.
private enum MemberName {
    static func make(_ name: String) -> String {
        let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        return "\(name.prefix(GroupLimits.longestInstanceID))-\(String(high, radix: 36))\(String(low, radix: 36))"
    }
}

extension SyncGroupRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (SyncGroupResponse) -> Void) {
        guard !groupID.isEmpty else { return reply(SyncGroupResponse(error: .invalidGroupID)) }
        guard broker.groups[groupID] != nil else { return reply(SyncGroupResponse(error: .unknownMemberID)) }
        do throws(ErrorCode) {
            try broker.admit(self)
        } catch {
            return reply(SyncGroupResponse(error: error))
        }
        let call = CallID(value: broker.nextNumber())
        broker.syncs[call] = reply
        let claim = MemberClaim(memberID: memberID, instanceID: groupInstanceID, generation: generation)
        let shares = Dictionary(assignments.map { ($0.memberID, $0.assignment) }) { $1 }
        broker.change(groupID) { group, now in
            group.sync(
                claim, protocolType: protocolType, protocolName: protocolName, assignments: shares, call: call,
                now: now)
        }
    }
}

extension HeartbeatRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (HeartbeatResponse) -> Void) {
        let claim = MemberClaim(memberID: memberID, instanceID: groupInstanceID, generation: generation)
        guard !groupID.isEmpty else { return reply(HeartbeatResponse(error: .invalidGroupID)) }
        guard broker.groups[groupID] != nil else { return reply(HeartbeatResponse(error: .unknownMemberID)) }
        var error = ErrorCode.none
        broker.change(groupID, changesWords: false) { group, now in
            do throws(ErrorCode) {
                try group.heartbeat(claim, now: now)
            } catch let refusal {
                error = refusal
            }
            return []
        }
        reply(HeartbeatResponse(error: error))
    }
}

extension LeaveGroupRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (LeaveGroupResponse) -> Void) {
        guard !groupID.isEmpty else { return reply(LeaveGroupResponse(error: .invalidGroupID)) }
        guard broker.groups[groupID] != nil else { return reply(LeaveGroupResponse(error: .unknownMemberID)) }
        let leaving = context.version >= 3 ? members : [Member(memberID: memberID)]
        var response = LeaveGroupResponse()
        for member in leaving {
            var error = ErrorCode.none
            broker.change(groupID) { group, now in
                do throws(ErrorCode) {
                    return try group.leave(memberID: member.memberID, instanceID: member.groupInstanceID, now: now)
                } catch let refusal {
                    error = refusal
                    return []
                }
            }
            response.members.append(
                LeaveGroupResponse.Member(
                    memberID: member.memberID, groupInstanceID: member.groupInstanceID, error: error))
        }
        if context.version < 3 { response.error = response.members.first?.error ?? .none }
        reply(response)
    }
}

extension Broker {
    /// Changes a group and performs the actions that follow.
    ///
    /// - Parameter changesWords: whether members may come, go, or say something else.
    func change(
        _ id: String, changesWords: Bool = true, _ body: (inout Group, NIODeadline) -> [Group.Action]
    ) {
        guard var group = groups[id] else { return }
        // Taken out of the dictionary so that the change does not copy it.
        groups[id] = nil
        let actions = body(&group, .now())
        groups[id] = group
        if changesWords { groupMemory.set(id, group.bytes) }
        scheduleTick(id)
        for action in actions {
            switch action {
            case .answerJoin(let call, let response): joins.removeValue(forKey: call)?(response)
            case .answerSync(let call, let response): syncs.removeValue(forKey: call)?(response)
            case .persist:
                do throws(ErrorCode) {
                    try record(.group(group.record))
                } catch {
                    // The group goes on; after a restart its members would have to join again.
                    logger.error("Group's state cannot be written", metadata: ["group": "\(id)"])
                }
            }
        }
    }

    func forgetIfUnused(_ id: String) {
        guard groups[id]?.isUnused == true else { return }
        groups[id] = nil
        groupMemory.set(id, nil)
        groupTimers.removeValue(forKey: id)?.cancel()
    }

    /// Wakes the group when something becomes due.
    func scheduleTick(_ id: String) {
        guard let deadline = groups[id]?.nextDeadline else {
            groupTimers.removeValue(forKey: id)?.cancel()
            return
        }
        groupTimers[id]?.cancel()
        groupTimers[id] = loop.assumeIsolated().scheduleTask(deadline: deadline) { [unowned self] in
            groupTimers[id] = nil
            change(id) { group, now in group.tick(now: now) }
            forgetIfUnused(id)
        }
    }
}
