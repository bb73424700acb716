// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// Keeps groups within the limits of the configuration.
extension Broker {
    func admit(_ request: JoinGroupRequest, _ context: RequestContext) throws(ErrorCode) {
        guard request.groupInstanceID?.utf8.count ?? 0 <= GroupLimits.longestInstanceID else { throw .invalidRequest }
        let instance = request.groupInstanceID ?? ""
        let words = GroupMember.words(
            request.protocols, [request.memberID, instance, context.clientID, context.clientHost])
        let group = groups[request.groupID]
        let known = group?.members[request.memberID] ?? group?.instances[instance].flatMap { group?.members[$0] }
        try limited("member", of: request.groupID) { () throws(ErrorCode) in
            try configuration.groupLimits.check(
                words, said: known?.words ?? 0, group: groupMemory[request.groupID], all: groupMemory,
                groups: groupCount)
        }
    }

    func admit(_ request: SyncGroupRequest) throws(ErrorCode) {
        let bytes = request.assignments.reduce(0) { $0 + $1.assignment.bytes.count }
        guard bytes > 0 else { return }
        try limited("assignment", of: request.groupID) { () throws(ErrorCode) in
            guard groupMemory.bytes + bytes <= configuration.groupLimits.maxBytes,
                (groupMemory[request.groupID] ?? 0) + bytes <= GroupLimits.largestGroup
            else { throw .invalidRequest }
        }
    }

    /// Whether there may be another group, one with offsets only say.
    func checkGroupCount() throws(ErrorCode) {
        try limited("group", of: "") { () throws(ErrorCode) in
            try configuration.groupLimits.check(groups: groupCount)
        }
    }

    private var groupCount: Int {
        let most = groups.count + offsets.count
        return most < configuration.groupLimits.maxGroups ? most : Set(groups.keys).union(offsets.keys).count
    }

    private func limited(
        _ subject: String, of group: String, _ check: () throws(ErrorCode) -> Void
    ) throws(ErrorCode) {
        do throws(ErrorCode) {
            try check()
        } catch {
            if let notLogged = groupRefusals.admit(subject, now: .now()) {
                logger.warning(
                    """
                    Refused for the limits of groups: group.max.size, groups.max, groups.max.bytes, \
                    group.member.max.bytes. Raise them, or delete the groups that nobody needs
                    """,
                    metadata: [
                        "what": "\(subject)", "group": "\(group.prefix(100))", "not-logged": "\(notLogged)",
                    ])
            }
            throw error
        }
    }
}
