// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Who asks, and in which version.
struct RequestContext: Sendable {
    var connection: UInt64
    var version: Int16
    var clientID: String
    var clientHost: String
    /// Where the client is told that the broker is.
    var advertised: BoundAddress
}

/// A request that the broker has a handler for.
protocol Served: RequestMessage {
    /// False when the client waits for no answer.
    var expectsResponse: Bool { get }

    /// Work that needs no state, done on the connection's thread.
    mutating func prepare()

    /// Serves the request on the broker's thread. `reply` is called exactly once, now or later.
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (Response) -> Void)
}

extension Served {
    var expectsResponse: Bool { true }
    mutating func prepare() {}
}

/// The APIs served, by key.
enum ServedAPIs {
    static let all: [any Served.Type] = [
        ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, MetadataRequest.self,
        OffsetCommitRequest.self, OffsetFetchRequest.self, FindCoordinatorRequest.self, JoinGroupRequest.self,
        HeartbeatRequest.self, LeaveGroupRequest.self, SyncGroupRequest.self, DescribeGroupsRequest.self,
        ListGroupsRequest.self, ApiVersionsRequest.self, CreateTopicsRequest.self, DeleteTopicsRequest.self,
        DeleteRecordsRequest.self, InitProducerIdRequest.self, OffsetForLeaderEpochRequest.self,
        AddPartitionsToTxnRequest.self, AddOffsetsToTxnRequest.self, EndTxnRequest.self,
        TxnOffsetCommitRequest.self, DescribeConfigsRequest.self, AlterConfigsRequest.self,
        CreatePartitionsRequest.self, DeleteGroupsRequest.self, IncrementalAlterConfigsRequest.self,
        OffsetDeleteRequest.self, DescribeClusterRequest.self, ElectLeadersRequest.self, DescribeAclsRequest.self,
        CreateAclsRequest.self, DeleteAclsRequest.self, DescribeProducersRequest.self,
        DescribeTransactionsRequest.self, ListTransactionsRequest.self, DescribeLogDirsRequest.self,
        AlterPartitionReassignmentsRequest.self, ListPartitionReassignmentsRequest.self,
        DescribeClientQuotasRequest.self, DescribeUserScramCredentialsRequest.self, ListConfigResourcesRequest.self,
        UnregisterBrokerRequest.self, ConsumerGroupHeartbeatRequest.self, ShareGroupHeartbeatRequest.self,
    ]

    static let byKey: [Int16: any Served.Type] = Dictionary(uniqueKeysWithValues: all.map { ($0.api.key, $0) })

    /// The ranges as told to clients.
    static let advertised: [ApiVersionsResponse.Range] = all.map { $0.api }.map { api in
        // Clients (librdkafka before 2.11) turn compression off unless Produce is offered from version 0 on.
        let minimum = api.key == ProduceRequest.api.key ? 0 : api.versions.lowerBound
        return ApiVersionsResponse.Range(key: api.key, minimum: minimum, maximum: api.versions.upperBound)
    }
}
