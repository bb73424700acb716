// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("Administration", .timeLimit(.minutes(1)))
struct AdministrationTests {
    @Test("Access rules are answered as by a Kafka without an authorizer")
    func accessRules() async throws {
        try await BrokerFixture.with { fixture async throws in
            let client = fixture.client
            #expect(try await client.send(DescribeAclsRequest()).error == .securityDisabled)
            let created = try await client.send(CreateAclsRequest(rules: [AccessRule(), AccessRule()]))
            #expect(created.results.map(\.error) == [.securityDisabled, .securityDisabled])
            let deleted = try await client.send(DeleteAclsRequest(filters: [AccessRuleFilter()]))
            #expect(deleted.results.map(\.error) == [.securityDisabled])
        }
    }

    @Test("Who asks what it may do is told: everything")
    func authorizedOperations() async throws {
        try await BrokerFixture.with { fixture async throws in
            let client = fixture.client
            _ = try await fixture.createTopic("t")
            var metadata = MetadataRequest(topics: [.init(name: "t")])
            #expect(try await client.send(metadata).topics[0].authorizedOperations == .min)
            metadata.includeTopicAuthorizedOperations = true
            #expect(try await client.send(metadata).topics[0].authorizedOperations == 0b1101_1111_1000)
            let group = DescribeGroupsRequest(groups: ["g"], includeAuthorizedOperations: true)
            #expect(try await client.send(group).groups[0].authorizedOperations == 0b1_0100_1000)
            let cluster = try await client.send(DescribeClusterRequest(includeAuthorizedOperations: true))
            #expect(cluster.authorizedOperations == 0b1_1111_1010_0000)
        }
    }

    @Test("An election changes nothing: the one broker leads already")
    func election() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let asked = [TopicPartitions(name: "t", partitions: [0, 7])]
            let answer = try await fixture.client.send(ElectLeadersRequest(topics: asked))
            #expect(answer.topics[0].partitions.map(\.error) == [.electionNotNeeded, .unknownTopicOrPartition])
            #expect(try await fixture.client.send(ElectLeadersRequest(topics: nil)).topics == [])
        }
    }

    @Test("A topic's id is looked at before its name, which Java leaves empty", arguments: [Int16(10), 13])
    func topicsByID(version: Int16) async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            let id = try await fixture.client.send(MetadataRequest(topics: [.init(name: "t")])).topics[0].id
            let unknown = TopicID(high: 1, low: 2)
            let asked = MetadataRequest(topics: [.init(id: id, name: ""), .init(id: unknown, name: "")])
            let topics = try await fixture.client.send(asked, version: version).topics
            #expect(topics.map(\.error) == [.none, .unknownTopicID])
            #expect(topics.map(\.id) == [id, unknown])
            #expect(topics.map(\.name) == ["t", version < 12 ? "" : nil])
        }
    }

    @Test("The log's directory is shown with what each partition takes of it")
    func logDirectories() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t", partitions: 2)
            let batch = TestBatch(values: ["a"])
            _ = try await fixture.produce(batch, to: "t", partition: 1)
            let all = try await fixture.client.send(DescribeLogDirsRequest(topics: nil)).results[0]
            #expect(all.directory == fixture.broker.configuration.dataDirectory)
            #expect(all.topics[0].partitions.map(\.bytes) == [0, Int64(batch.bytes.readableBytes)])
            #expect(all.totalBytes > all.usableBytes && all.usableBytes > 0)
            let asked = DescribeLogDirsRequest(topics: [TopicPartitions(name: "t", partitions: [1, 9])])
            #expect(try await fixture.client.send(asked).results[0].topics[0].partitions.map(\.index) == [1])
        }
    }

    @Test("No partition is being moved, and none can be moved but to where it is")
    func reassignments() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t")
            #expect(try await fixture.client.send(ListPartitionReassignmentsRequest()).topics == [])
            typealias Partition = AlterPartitionReassignmentsRequest.Partition
            let wanted: [Partition] = [
                .init(index: 0, replicas: [1]), .init(index: 0, replicas: [2]), .init(index: 0, replicas: nil),
                .init(index: 5, replicas: [1]),
            ]
            let answer = try await fixture.client.send(
                AlterPartitionReassignmentsRequest(topics: [.init(name: "t", partitions: wanted)]))
            #expect(
                answer.topics[0].partitions.map(\.error)
                    == [.none, .invalidReplicaAssignment, .noReassignmentInProgress, .unknownTopicOrPartition])
        }
    }

    @Test("What a cluster of one broker without users does not have is answered as not there")
    func nothingThere() async throws {
        try await BrokerFixture.with { fixture async throws in
            let client = fixture.client
            _ = try await fixture.createTopic("t")
            #expect(try await client.send(DescribeClientQuotasRequest()).entries == [])
            #expect(try await client.send(DescribeUserScramCredentialsRequest()).results == [])
            let user = DescribeUserScramCredentialsRequest(users: [.init(name: "u")])
            #expect(try await client.send(user).results.map(\.error) == [.resourceNotFound])
            #expect(try await client.send(ListConfigResourcesRequest(), version: 0).resources == [])
            #expect(try await client.send(ListConfigResourcesRequest()).resources.map(\.name) == ["t", "1", "1"])
            let metrics = ListConfigResourcesRequest(types: [ConfigResourceType.clientMetrics])
            #expect(try await client.send(metrics).resources == [])
            let broker = UnregisterBrokerRequest(brokerID: 1)
            #expect(try await client.send(broker).error == .invalidRequest)
            #expect(try await client.send(UnregisterBrokerRequest(brokerID: 2)).error == .brokerIDNotRegistered)
            let logger = DescribeConfigsRequest(
                resources: [.init(type: ConfigResourceType.brokerLogger, name: "1", keys: nil)])
            #expect(try await client.send(logger).results[0].configs.map(\.source) == [6])
        }
    }

    @Test("Consumers of the new protocols are told why they get nothing")
    func newProtocols() async throws {
        try await BrokerFixture.with { fixture async throws in
            let consumer = try await fixture.client.send(ConsumerGroupHeartbeatRequest(groupID: "g"))
            #expect(consumer.error == .unsupportedVersion)
            #expect(consumer.errorMessage?.contains("group.protocol=classic") == true)
            #expect(
                try await fixture.client.send(ShareGroupHeartbeatRequest(groupID: "g")).error == .unsupportedVersion)
        }
    }

    @Test("Transactions and producers are shown in the state in which they are")
    func transactions() async throws {
        try await BrokerFixture.with { fixture async throws in
            let client = fixture.client
            _ = try await fixture.createTopic("t")
            let producer = try await fixture.initialise("id", timeout: 12_345)
            _ = try await fixture.addPartition("t", to: "id", producer)
            let batch = TestBatch(
                values: ["a", "b"], producerID: producer.producerID, producerEpoch: producer.producerEpoch,
                sequence: 0, isTransactional: true)
            _ = try await fixture.produce(batch, to: "t", transactionalID: "id")

            let described = try await client.send(DescribeTransactionsRequest(transactionalIDs: ["id", "x"]))
            #expect(described.transactions[0].state == "Ongoing")
            #expect(described.transactions[0].timeoutMilliseconds == 12_345)
            #expect(described.transactions[0].topics == [TopicPartitions(name: "t", partitions: [0])])
            #expect(described.transactions[1].error == .transactionalIDNotFound)
            let asked = DescribeProducersRequest(topics: [TopicPartitions(name: "t", partitions: [0, 1])])
            let producers = try await client.send(asked)
            let open = producers.topics[0].partitions[0].producers
            #expect(open.map(\.id) == [producer.producerID])
            #expect(open.map(\.lastSequence) == [1])
            #expect(open.map(\.transactionStartOffset) == [0])
            #expect(producers.topics[0].partitions[1].error == .unknownTopicOrPartition)

            _ = try await fixture.end("id", producer, commit: true)
            let ended = try await client.send(ListTransactionsRequest(states: ["CompleteCommit", "Asleep"]))
            #expect(ended.transactions.map(\.transactionalID) == ["id"])
            #expect(ended.unknownStates == ["Asleep"])
            #expect(try await client.send(ListTransactionsRequest(states: ["Ongoing"])).transactions == [])
            #expect(try await client.send(ListTransactionsRequest(producerIDs: [99])).transactions == [])
            #expect(try await client.send(asked).topics[0].partitions[0].producers[0].transactionStartOffset == -1)
        }
    }

    @Test("Groups are listed by state and by type, in whatever case these are written")
    func groups() async throws {
        try await BrokerFixture.with { fixture async throws in
            let client = fixture.client
            _ = try await fixture.createTopic("t")
            let place = OffsetCommitRequest.Partition(index: 0, offset: 2)
            _ = try await client.send(
                OffsetCommitRequest(groupID: "g", topics: [.init(name: "t", partitions: [place])]))
            let all = try await client.send(ListGroupsRequest()).groups
            #expect(all.map(\.state) == ["Empty"])
            #expect(all.map(\.type) == ["classic"])
            #expect(try await client.send(ListGroupsRequest(states: ["empty"])).groups.count == 1)
            #expect(try await client.send(ListGroupsRequest(states: ["Stable"])).groups == [])
            #expect(try await client.send(ListGroupsRequest(types: ["consumer"])).groups == [])
        }
    }

    @Test("Where a record in a batch is refused, the answer says which and why")
    func recordErrors() async throws {
        try await BrokerFixture.with { fixture async throws in
            _ = try await fixture.createTopic("t", configs: ["cleanup.policy": "compact"])
            let answer = try await fixture.produce(TestBatch(values: ["a", "b"], hasKeys: false), to: "t")
            #expect(answer.error == .invalidRecord)
            #expect(answer.recordErrors.map(\.batchIndex) == [0, 1])
            #expect(try await fixture.fetch("t", from: 0).highWatermark == 0)
        }
    }
}
