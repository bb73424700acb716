// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Group state machine")
struct GroupTests {
    private let rehearsal = GroupRehearsal()

    @Test("The first member leads the first generation and gets the assignment that it made")
    func firstMember() throws {
        let call = rehearsal.join()
        let joined = try #require(rehearsal.joins[call])
        #expect(joined.generation == 1)
        #expect(joined.leaderID == joined.memberID)
        #expect(joined.members.count == 1)
        let sync = rehearsal.sync(joined.memberID, [joined.memberID: [1, 2]])
        #expect(rehearsal.syncs[sync]?.assignment == Opaque(bytes: [1, 2]))
        #expect(rehearsal.group.state == .stable)
        #expect(rehearsal.persisted == 1)
    }

    @Test("A new client is given an id first and joins with it")
    func memberIDRequired() throws {
        let first = rehearsal.join(known: true)
        #expect(rehearsal.joins[first]?.error == .memberIDRequired)
        let id = try #require(rehearsal.joins[first]?.memberID)
        let second = rehearsal.join(id, known: true)
        #expect(rehearsal.joins[second]?.error == ErrorCode.none)
        #expect(rehearsal.joins[second]?.memberID == id)
    }

    @Test("A new group waits for more members, again whenever some came, but no longer than a rebalance may take")
    func initialDelay() {
        let rehearsal = GroupRehearsal()
        rehearsal.group = Group(id: "g", initialDelay: .seconds(3))
        let first = rehearsal.join()
        rehearsal.pass(.seconds(2))
        let second = rehearsal.join()
        rehearsal.pass(.seconds(1))
        #expect(rehearsal.joins.isEmpty)
        rehearsal.pass(.seconds(3))
        #expect(rehearsal.joins[first]?.generation == 1)
        #expect(rehearsal.joins[second]?.generation == 1)

        let crowd = GroupRehearsal()
        crowd.group = Group(id: "g", initialDelay: .seconds(3))
        let earliest = crowd.join()
        let others = (0..<20).map { _ in
            #expect(crowd.joins.isEmpty)
            defer { crowd.pass(.seconds(3)) }
            return crowd.join()
        }
        let calls = [earliest] + others
        #expect(calls.allSatisfy { crowd.joins[$0]?.generation == 1 })
        #expect(crowd.group.state == .completingRebalance)
    }

    @Test("An id that nobody came back with is given up")
    func pendingMembers() {
        let first = rehearsal.join(known: true)
        let id = rehearsal.joins[first]?.memberID ?? ""
        rehearsal.pass(.seconds(11))
        let second = rehearsal.join(id, known: true)
        #expect(rehearsal.joins[second]?.error == .unknownMemberID)
    }

    @Test("A second member starts a rebalance that waits for the first one to join again")
    func rebalance() throws {
        let ids = rehearsal.stabilise(instances: [nil])
        let newcomer = rehearsal.join()
        #expect(rehearsal.joins[newcomer] == nil)
        #expect(rehearsal.heartbeat(ids[0]) == .rebalanceInProgress)
        let again = rehearsal.join(ids[0])
        #expect(rehearsal.joins[again]?.generation == 2)
        #expect(rehearsal.joins[again]?.members.count == 2)
        #expect(rehearsal.joins[newcomer]?.members.isEmpty == true)
        let follower = rehearsal.sync(try #require(rehearsal.joins[newcomer]?.memberID))
        #expect(rehearsal.syncs[follower] == nil)
        rehearsal.sync(ids[0], [rehearsal.joins[newcomer]?.memberID ?? "": [9]])
        #expect(rehearsal.syncs[follower]?.assignment == Opaque(bytes: [9]))
    }

    @Test("A member that does not join again in time is left behind")
    func rebalanceTimeout() {
        let ids = rehearsal.stabilise(instances: [nil])
        let newcomer = rehearsal.join()
        for _ in 0..<7 {
            rehearsal.pass(.seconds(9))
            _ = rehearsal.heartbeat(ids[0])
        }
        #expect(rehearsal.joins[newcomer]?.generation == 2)
        #expect(rehearsal.joins[newcomer]?.members.count == 1)
        #expect(rehearsal.heartbeat(ids[0]) == .unknownMemberID)
    }

    @Test("A silent member's session ends and the others share what it had")
    func sessionTimeout() {
        let ids = rehearsal.stabilise(instances: [nil, nil])
        rehearsal.pass(.seconds(6))
        #expect(rehearsal.heartbeat(ids[0]) == ErrorCode.none)
        rehearsal.pass(.seconds(6))
        #expect(rehearsal.group.members.keys.sorted() == [ids[0]])
        #expect(rehearsal.heartbeat(ids[0]) == .rebalanceInProgress)
    }

    @Test("The last member to leave leaves the group empty")
    func leaving() throws {
        let ids = rehearsal.stabilise(instances: [nil])
        try rehearsal.leave(ids[0])
        #expect(rehearsal.group.state == .empty)
        #expect(rehearsal.group.nextDeadline == nil)
        #expect(throws: ErrorCode.unknownMemberID) { try rehearsal.leave(ids[0]) }
    }

    @Test("A static member that restarts gets its assignment back without a rebalance, its former self is fenced")
    func staticRestart() throws {
        let ids = rehearsal.stabilise(instances: ["a", "b"])
        let generation = rehearsal.group.generation
        for (place, instance) in ["a", "b"].enumerated() {
            let call = rehearsal.join(instance: instance, owned: 7)
            let answer = try #require(rehearsal.joins[call])
            #expect(answer.error == ErrorCode.none)
            #expect(answer.generation == generation)
            #expect(answer.memberID != ids[place])
            #expect(answer.leaderID != answer.memberID)
            #expect(rehearsal.heartbeat(ids[place], instance: instance) == .fencedInstanceID)
            let sync = rehearsal.sync(answer.memberID, instance: instance)
            #expect(rehearsal.syncs[sync]?.assignment == Opaque(bytes: [UInt8(place)]))
        }
        #expect(rehearsal.group.state == .stable)
    }

    @Test("A static member that comes back with another subscription starts a rebalance")
    func staticSubscriptionChange() {
        _ = rehearsal.stabilise(instances: ["a", "b"])
        rehearsal.join(instance: "a", topics: ["t", "u"])
        #expect(rehearsal.group.state == .preparingRebalance)
    }

    @Test("A rejoining follower with nothing new gets the present generation, a leader starts a new one")
    func rejoin() {
        let ids = rehearsal.stabilise(instances: [nil, nil])
        let generation = rehearsal.group.generation
        let follower = rehearsal.join(ids[1])
        #expect(rehearsal.joins[follower]?.generation == generation)
        rehearsal.join(ids[0])
        #expect(rehearsal.group.state == .preparingRebalance)
    }

    @Test("A changed subscription, as in the second phase of a cooperative rebalance, starts a rebalance")
    func cooperative() {
        let ids = rehearsal.stabilise(instances: [nil, nil])
        rehearsal.join(ids[1], owned: 3)
        #expect(rehearsal.group.state == .preparingRebalance)
        rehearsal.join(ids[0], owned: 4)
        #expect(rehearsal.group.generation == 3)
    }

    @Test("The protocol chosen is known to all, and a member that knows none of the others' is refused")
    func protocols() {
        let first = rehearsal.join(protocols: ["cooperative-sticky", "range"])
        let second = rehearsal.join(protocols: ["range"])
        rehearsal.join(rehearsal.joins[first]?.memberID ?? "", protocols: ["cooperative-sticky", "range"])
        #expect(rehearsal.joins[second]?.protocolName == "range")
        let third = rehearsal.join(protocols: ["roundrobin"])
        #expect(rehearsal.joins[third]?.error == .inconsistentGroupProtocol)
    }

    @Test("Offsets are taken from the present generation only")
    func commitFencing() throws {
        let id = rehearsal.stabilise(instances: ["a"])[0]
        let group = rehearsal.group
        try group.validateCommit(rehearsal.claim(id, instance: "a"), isTransactional: true)
        #expect(throws: ErrorCode.illegalGeneration) {
            try group.validateCommit(rehearsal.claim(id, instance: "a", generation: 0), isTransactional: true)
        }
        #expect(throws: ErrorCode.unknownMemberID) {
            try group.validateCommit(rehearsal.claim("x"), isTransactional: true)
        }
        #expect(throws: ErrorCode.fencedInstanceID) {
            try group.validateCommit(rehearsal.claim("x", instance: "a"), isTransactional: true)
        }
        let outsider = rehearsal.claim("", generation: -1)
        #expect(throws: ErrorCode.unknownMemberID) { try group.validateCommit(outsider, isTransactional: false) }
        try group.validateCommit(outsider, isTransactional: true)
    }

    @Test("A stable group is the same after its record was written and read")
    func persistence() {
        let ids = rehearsal.stabilise(instances: [nil, "b"])
        let restored = Group(rehearsal.group.record, initialDelay: .zero, now: rehearsal.now)
        #expect(restored.state == .stable)
        #expect(restored.generation == rehearsal.group.generation)
        #expect(restored.order == ids)
        #expect(restored.members[ids[1]]?.assignment == Opaque(bytes: [1]))
        #expect(restored.instances == ["b": ids[1]])
        #expect(restored.nextDeadline == rehearsal.now + .seconds(10))
    }
}
