// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension DescribeGroupsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeGroupsResponse) -> Void) {
        reply(
            DescribeGroupsResponse(
                groups: groups.map { id in
                    var group = broker.describeGroup(id)
                    if includeAuthorizedOperations { group.authorizedOperations = AuthorizedOperations.group }
                    return group
                }))
    }
}

extension ListGroupsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ListGroupsResponse) -> Void) {
        let ids = Set(broker.groups.keys).union(broker.offsets.filter { !$0.value.isEmpty }.keys)
        let all = ids.sorted().map { id in
            ListGroupsResponse.Group(
                groupID: id, protocolType: broker.groups[id]?.protocolType ?? "",
                state: (broker.groups[id]?.state ?? .empty).rawValue)
        }
        reply(
            ListGroupsResponse(
                groups: all.filter { group in
                    (states.isEmpty || Self.contains(states, group.state))
                        && (types.isEmpty || Self.contains(types, group.type))
                }))
    }

    /// Names of states and types may be written in any case.
    private static func contains(_ names: [String], _ name: String) -> Bool {
        names.contains { $0.lowercased() == name.lowercased() }
    }
}

extension DeleteGroupsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DeleteGroupsResponse) -> Void) {
        let results = groups.map { id in
            var error = ErrorCode.none
            do throws(ErrorCode) {
                try broker.deleteGroup(id)
            } catch let refusal {
                error = refusal
            }
            return DeleteGroupsResponse.Result(groupID: id, error: error)
        }
        broker.metadataGate.whenDurable { reply(DeleteGroupsResponse(results: results)) }
    }
}

extension OffsetDeleteRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (OffsetDeleteResponse) -> Void) {
        guard broker.groups[groupID] != nil || broker.offsets[groupID] != nil else {
            return reply(OffsetDeleteResponse(error: .groupIDNotFound))
        }
        let subscribed = broker.subscribedTopics(groupID)
        let refused = broker.groups[groupID].map { $0.state != .empty && subscribed == nil } ?? false
        guard !refused else { return reply(OffsetDeleteResponse(error: .nonEmptyGroup)) }
        let deleted = topics.filter { subscribed?.contains($0.name) != true }
        do throws(ErrorCode) {
            try broker.record(.offsetsDeleted(OffsetsDeletedRecord(groupID: groupID, topics: deleted)))
        } catch {
            return reply(OffsetDeleteResponse(error: error))
        }
        for partition in deleted.flattened { broker.offsets[groupID]?.delete(partition) }
        let answers = topics.map { topic in
            let error = subscribed?.contains(topic.name) == true ? ErrorCode.groupSubscribedToTopic : .none
            return TopicErrors(
                name: topic.name, partitions: topic.partitions.map { TopicErrors.Partition(index: $0, error: error) })
        }
        broker.metadataGate.whenDurable { reply(OffsetDeleteResponse(topics: answers)) }
    }
}

extension Broker {
    fileprivate func describeGroup(_ id: String) -> DescribeGroupsResponse.Group {
        guard let group = groups[id] else {
            let isKnown = offsets[id].map { !$0.isEmpty } ?? false
            return DescribeGroupsResponse.Group(groupID: id, state: isKnown ? Group.State.empty.rawValue : "Dead")
        }
        let isStable = group.state == .stable
        return DescribeGroupsResponse.Group(
            groupID: id, state: group.state.rawValue, protocolType: group.protocolType ?? "",
            protocolName: isStable ? group.protocolName ?? "" : "",
            members: group.order.compactMap { group.members[$0] }.map { member in
                DescribeGroupsResponse.Member(
                    memberID: member.id, groupInstanceID: member.instanceID, clientID: member.clientID,
                    clientHost: member.clientHost,
                    metadata: isStable ? member.metadata(for: group.protocolName) : Opaque(),
                    assignment: isStable ? member.assignment : Opaque())
            })
    }

    fileprivate func deleteGroup(_ id: String) throws(ErrorCode) {
        guard !id.isEmpty else { throw .invalidGroupID }
        guard groups[id] != nil || offsets[id] != nil else { throw .groupIDNotFound }
        if let group = groups[id], group.state != .empty || !group.pending.isEmpty { throw .nonEmptyGroup }
        guard offsets[id]?.staged.isEmpty != false else { throw .nonEmptyGroup }
        try record(.groupDeleted(GroupDeletedRecord(groupID: id)))
        groups[id] = nil
        groupMemory.set(id, nil)
        offsets[id] = nil
        groupTimers.removeValue(forKey: id)?.cancel()
    }

    /// The topics that a group's members subscribe to; nil when that cannot be known.
    fileprivate func subscribedTopics(_ id: String) -> Set<String>? {
        guard let group = groups[id] else { return [] }
        guard group.state != .empty else { return [] }
        guard group.protocolType == "consumer" else { return nil }
        var topics: Set<String> = []
        for member in group.members.values {
            guard let metadata = member.protocols.first?.metadata,
                let subscribed = ConsumerSubscription.topics(in: metadata)
            else { return nil }
            topics.formUnion(subscribed)
        }
        return topics
    }
}
