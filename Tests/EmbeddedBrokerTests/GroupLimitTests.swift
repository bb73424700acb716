// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Limits of groups", .timeLimit(.minutes(1)))
struct GroupLimitTests {
    private func request(
        _ group: String = "g", member: String = "", instance: String? = nil, metadata: Int = 10
    ) -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupID = group
        request.memberID = member
        request.groupInstanceID = instance
        request.sessionTimeoutMilliseconds = 10_000
        request.rebalanceTimeoutMilliseconds = 10_000
        request.protocolType = "consumer"
        request.protocols = [
            GroupProtocol(name: "range", metadata: Opaque(bytes: Array(repeating: 7, count: metadata)))
        ]
        return request
    }

    /// What a client is told that has no id yet.
    private func ask(_ fixture: BrokerFixture, _ request: JoinGroupRequest) async throws -> JoinGroupResponse {
        try await fixture.client.send(request, version: 5)
    }

    private func commit(_ fixture: BrokerFixture, _ group: String) async throws -> ErrorCode {
        let place = OffsetCommitRequest.Partition(index: 0, offset: 1)
        return try await fixture.client.send(
            OffsetCommitRequest(groupID: group, topics: [.init(name: "t", partitions: [place])])
        ).topics[0].partitions[0].error
    }

    @Test("A full group takes no more members, nor gives out ids for them; one that comes back is let in")
    func size() {
        let rehearsal = GroupRehearsal()
        rehearsal.maximumSize = 2
        let static1 = rehearsal.join(instance: "i")
        let first = rehearsal.join(known: true)
        #expect(rehearsal.joins[static1]?.error == ErrorCode.none)
        #expect(rehearsal.joins[first]?.error == .memberIDRequired)
        #expect(rehearsal.joins[rehearsal.join(known: true)]?.error == .groupMaximumSizeReached)
        #expect(rehearsal.joins[rehearsal.join()]?.error == .groupMaximumSizeReached)
        #expect(rehearsal.joins[rehearsal.join(instance: "j")]?.error == .groupMaximumSizeReached)
        let again = rehearsal.join(instance: "i")
        #expect(rehearsal.joins[again]?.error != .groupMaximumSizeReached)
    }

    @Test("The size is the configuration's")
    func configuredSize() async throws {
        try await BrokerFixture.with(configure: { $0.groupLimits.maxSize = 1 }) { fixture async throws in
            #expect(try await ask(fixture, request()).error == .memberIDRequired)
            #expect(try await ask(fixture, request()).error == .groupMaximumSizeReached)
        }
    }

    @Test("A member that says too much is refused, and leaves no group behind")
    func member() async throws {
        try await BrokerFixture.with(configure: { $0.groupLimits.memberMaxBytes = 5000 }) { fixture async throws in
            #expect(try await ask(fixture, request(metadata: 6000)).error == .invalidRequest)
            let long = String(repeating: "i", count: 250)
            #expect(try await ask(fixture, request(instance: long)).error == .invalidRequest)
            #expect(try await fixture.client.send(ListGroupsRequest()).groups.isEmpty)
            #expect(try await ask(fixture, request(metadata: 4000)).error == .memberIDRequired)
        }
    }

    @Test("A client's long name does not make its member id longer than the protocol can say")
    func longName() async throws {
        try await BrokerFixture.with { fixture async throws in
            let name = String(repeating: "c", count: 32_000)
            let body = try await fixture.client.exchange(
                TestClient.frame(request(), version: 5, clientID: name))
            var decoder = WireDecoder(body, version: 5, isFlexible: false)
            let answer: JoinGroupResponse = try decoder.message()
            #expect(answer.error == .memberIDRequired)
            #expect((10...300).contains(answer.memberID.utf8.count))
        }
    }

    @Test("All members together are bounded, and room that was given back is given anew")
    func together() async throws {
        try await BrokerFixture.with(configure: { $0.groupLimits.maxBytes = 10_000 }) { fixture async throws in
            let first = try await ask(fixture, request("a", metadata: 6000))
            let joined = try await ask(fixture, request("a", member: first.memberID, metadata: 6000))
            #expect(joined.error == .none)
            #expect(try await ask(fixture, request("b", metadata: 6000)).error == .groupMaximumSizeReached)
            var sync = SyncGroupRequest()
            sync.groupID = "a"
            sync.memberID = joined.memberID
            sync.generation = joined.generation
            sync.assignments = [
                .init(memberID: joined.memberID, assignment: Opaque(bytes: Array(repeating: 7, count: 6000)))
            ]
            #expect(try await fixture.client.send(sync, version: 3).error == .invalidRequest)
            let left = try await fixture.client.send(
                LeaveGroupRequest(groupID: "a", memberID: joined.memberID), version: 1)
            #expect(left.error == .none)
            #expect(try await ask(fixture, request("b", metadata: 6000)).error == .memberIDRequired)
        }
    }

    @Test("There are so many groups and no more, with those that have offsets only")
    func groups() async throws {
        try await BrokerFixture.with(configure: { $0.groupLimits.maxGroups = 2 }) { fixture async throws in
            _ = try await fixture.createTopic("t")
            #expect(try await commit(fixture, "a") == .none)
            #expect(try await ask(fixture, request("b")).error == .memberIDRequired)
            #expect(try await commit(fixture, "c") == .groupMaximumSizeReached)
            #expect(try await ask(fixture, request("c")).error == .groupMaximumSizeReached)
            #expect(try await commit(fixture, "a") == .none)
            #expect(try await ask(fixture, request("b")).error == .memberIDRequired)
        }
    }

    @Test("More offsets than fit into one record of the log are kept, over a compaction and a restart")
    func manyOffsets() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/metadata.log"
        var values: [TopicPartition: CommittedOffset] = [:]
        for number in 0..<2500 {
            values[TopicPartition(topic: "t\(number)", partition: 0)] = CommittedOffset(
                offset: Int64(number), leaderEpoch: -1, metadata: "", committedAt: 0)
        }
        try MetadataLog(path: path) { _ in }.append(OffsetsRecord.records(groupID: "g", values))
        var image = MetadataImage()
        var records = 0
        _ = try MetadataLog(path: path) {
            records += 1
            image.apply($0)
        }
        #expect(records == 3)
        #expect(image.offsets["g"]?.committed == values)
    }

    @Test("A record that would not be read again is not written, and the log is as it was")
    func tooLarge() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/metadata.log"
        var group = GroupRecord()
        group.members = [.init(memberID: "m", assignment: Opaque(bytes: Array(repeating: 7, count: 65 << 20)))]
        let log = try MetadataLog(path: path) { _ in }
        let first = MetadataRecord.groupDeleted(GroupDeletedRecord(groupID: "g"))
        try log.append([first])
        #expect(throws: MetadataLog.TooLarge.self) { try log.append([.group(group)]) }
        #expect(throws: MetadataLog.NotReplaced.self) { try log.replace(with: [.group(group)]) }
        try log.append([first])
        var found: [MetadataRecord] = []
        _ = try MetadataLog(path: path) { found.append($0) }
        #expect(found == [first, first])
    }
}
