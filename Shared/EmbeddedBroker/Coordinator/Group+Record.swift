// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension Group {
    /// The group as it outlives the broker's process.
    var record: GroupRecord {
        GroupRecord(
            groupID: id, generation: generation, protocolType: protocolType, protocolName: protocolName,
            leaderID: leaderID,
            members: state == .stable
                ? order.compactMap { members[$0] }.map { member in
                    GroupRecord.Member(
                        memberID: member.id, instanceID: member.instanceID, clientID: member.clientID,
                        clientHost: member.clientHost,
                        sessionTimeoutMilliseconds: Int32(clamping: member.sessionTimeout.nanoseconds / 1_000_000),
                        rebalanceTimeoutMilliseconds: Int32(clamping: member.rebalanceTimeout.nanoseconds / 1_000_000),
                        protocols: member.protocols, assignment: member.assignment)
                } : [])
    }

    /// The group after a restart of the broker: every member has its session's time to show that it lives.
    init(_ record: GroupRecord, initialDelay: TimeAmount, now: NIODeadline) {
        self.init(id: record.groupID, initialDelay: initialDelay)
        generation = record.generation
        protocolType = record.protocolType
        guard !record.members.isEmpty else { return }
        state = .stable
        protocolName = record.protocolName
        leaderID = record.leaderID
        for member in record.members {
            let sessionTimeout = TimeAmount.milliseconds(Int64(member.sessionTimeoutMilliseconds))
            members[member.memberID] = GroupMember(
                id: member.memberID, instanceID: member.instanceID, clientID: member.clientID,
                clientHost: member.clientHost, sessionTimeout: sessionTimeout,
                rebalanceTimeout: .milliseconds(Int64(member.rebalanceTimeoutMilliseconds)),
                protocols: member.protocols, assignment: member.assignment, deadline: now + sessionTimeout)
            order.append(member.memberID)
            if let instanceID = member.instanceID { instances[instanceID] = member.memberID }
        }
    }
}
