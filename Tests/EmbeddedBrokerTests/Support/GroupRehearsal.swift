// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import EmbeddedBroker

/// A group with a clock that only the test moves.
final class GroupRehearsal {
    var group = Group(id: "g", initialDelay: .zero)
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var joins: [CallID: JoinGroupResponse] = [:]
    var syncs: [CallID: SyncGroupResponse] = [:]
    var persisted = 0
    var maximumSize = Int.max
    private var lastCall: UInt64 = 0
    private var lastMember = 0

    func pass(_ time: TimeAmount) {
        now = now + time
        perform(group.tick(now: now))
    }

    @discardableResult
    func join(
        _ memberID: String = "", instance: String? = nil, topics: [String] = ["t"], owned: UInt8 = 0,
        protocols: [String] = ["range"], known: Bool = false
    ) -> CallID {
        let call = nextCall()
        lastMember += 1
        let metadata = Opaque(bytes: Self.subscription(topics) + [owned])
        perform(
            group.join(
                JoinCall(
                    call: call, memberID: memberID, instanceID: instance, clientID: "c", clientHost: "/h",
                    sessionTimeout: .seconds(10), rebalanceTimeout: .seconds(60), protocolType: "consumer",
                    protocols: protocols.map { GroupProtocol(name: $0, metadata: metadata) },
                    requiresKnownMemberID: known, newMemberID: "m\(lastMember)", maximumSize: maximumSize),
                now: now))
        return call
    }

    @discardableResult
    func sync(_ memberID: String, instance: String? = nil, _ assignments: [String: [UInt8]] = [:]) -> CallID {
        let call = nextCall()
        perform(
            group.sync(
                MemberClaim(memberID: memberID, instanceID: instance, generation: group.generation),
                protocolType: nil, protocolName: nil, assignments: assignments.mapValues(Opaque.init(bytes:)),
                call: call, now: now))
        return call
    }

    func heartbeat(_ memberID: String, instance: String? = nil) -> ErrorCode {
        do {
            try group.heartbeat(claim(memberID, instance: instance), now: now)
            return .none
        } catch {
            return error
        }
    }

    func leave(_ memberID: String, instance: String? = nil) throws {
        perform(try group.leave(memberID: memberID, instanceID: instance, now: now))
    }

    func claim(_ memberID: String, instance: String? = nil, generation: Int32? = nil) -> MemberClaim {
        MemberClaim(memberID: memberID, instanceID: instance, generation: generation ?? group.generation)
    }

    /// Joins and syncs members until the group is stable; returns their ids, the leader's first.
    func stabilise(instances: [String?]) -> [String] {
        var ids: [String] = []
        for instance in instances {
            let call = join(instance: instance)
            for id in ids { join(id, instance: group.members[id]?.instanceID) }
            ids.append(joins[call]?.memberID ?? "")
        }
        for id in ids.dropFirst() { sync(id, instance: group.members[id]?.instanceID) }
        let shares = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, [UInt8($0)]) })
        sync(ids[0], instance: group.members[ids[0]]?.instanceID, shares)
        return ids
    }

    private func nextCall() -> CallID {
        lastCall += 1
        return CallID(value: lastCall)
    }

    private func perform(_ actions: [Group.Action]) {
        for action in actions {
            switch action {
            case .answerJoin(let call, let answer): joins[call] = answer
            case .answerSync(let call, let answer): syncs[call] = answer
            case .persist: persisted += 1
            }
        }
    }

    private static func subscription(_ topics: [String]) -> [UInt8] {
        var bytes = ByteBuffer(integer: Int16(1))
        bytes.writeInteger(Int32(topics.count))
        for topic in topics {
            bytes.writeInteger(Int16(topic.utf8.count))
            bytes.writeString(topic)
        }
        return Array(bytes.readableBytesView)
    }
}
