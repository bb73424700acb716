// SPDX-License-Identifier: Apache-2.0

struct MetadataRequest: RequestMessage {
    typealias Response = MetadataResponse
    static let api = API(3, "Metadata", versions: 0...13, flexibleSince: 9)

    /// Null asks for every topic; in version 0 an empty list does.
    var topics: [Topic]?
    var allowAutoTopicCreation = true
    var includeClusterAuthorizedOperations = false
    var includeTopicAuthorizedOperations = false

    struct Topic: WireStructure {
        var id = TopicID()
        var name: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&id, since: 10)
            try io.field(&name)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics)
        try io.field(&allowAutoTopicCreation, since: 4)
        try io.field(&includeClusterAuthorizedOperations, since: 8, until: 10)
        try io.field(&includeTopicAuthorizedOperations, since: 8)
    }
}

struct MetadataResponse: WireStructure {
    /// What an answer says that was not asked for the operations that the client may perform.
    static let operationsNotRequested: Int32 = .min

    var throttleMilliseconds: Int32 = 0
    var brokers: [Broker] = []
    var clusterID: String?
    var controllerID: Int32 = -1
    var topics: [Topic] = []
    var clusterAuthorizedOperations = MetadataResponse.operationsNotRequested
    var error = ErrorCode.none

    struct Broker: WireStructure {
        var nodeID: Int32 = 0
        var host = ""
        var port: Int32 = 0
        var rack: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&nodeID)
            try io.field(&host)
            try io.field(&port)
            try io.field(&rack, since: 1)
        }
    }

    struct Topic: WireStructure {
        var error = ErrorCode.none
        var name: String? = ""
        var id = TopicID()
        var isInternal = false
        var partitions: [Partition] = []
        var authorizedOperations = MetadataResponse.operationsNotRequested

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&name)
            try io.field(&id, since: 10)
            try io.field(&isInternal, since: 1)
            try io.field(&partitions)
            try io.field(&authorizedOperations, since: 8)
        }
    }

    struct Partition: WireStructure {
        var error = ErrorCode.none
        var index: Int32 = 0
        var leaderID: Int32 = 0
        var leaderEpoch: Int32 = -1
        var replicas: [Int32] = []
        var inSyncReplicas: [Int32] = []
        var offlineReplicas: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&index)
            try io.field(&leaderID)
            try io.field(&leaderEpoch, since: 7)
            try io.field(&replicas)
            try io.field(&inSyncReplicas)
            try io.field(&offlineReplicas, since: 5)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 3)
        try io.field(&brokers)
        try io.field(&clusterID, since: 2)
        try io.field(&controllerID, since: 1)
        try io.field(&topics)
        try io.field(&clusterAuthorizedOperations, since: 8, until: 10)
        try io.field(&error, since: 13)
    }
}
