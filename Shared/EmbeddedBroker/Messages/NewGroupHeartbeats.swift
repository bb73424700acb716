// SPDX-License-Identifier: Apache-2.0

/// How a consumer of the protocol of KIP-848 (`group.protocol=consumer`) joins its group. It is read to be refused.
struct ConsumerGroupHeartbeatRequest: RequestMessage {
    typealias Response = ConsumerGroupHeartbeatResponse
    static let api = API(68, "ConsumerGroupHeartbeat", versions: 0...1, flexibleSince: 0)

    var groupID = ""
    var memberID = ""
    var memberEpoch: Int32 = 0
    var instanceID: String?
    var rack: String?
    var rebalanceTimeoutMilliseconds: Int32 = -1
    var topicNames: [String]?
    var topicExpression: String?
    var assignor: String?
    var partitions: [TopicIDPartitions]?

    struct TopicIDPartitions: WireStructure {
        var id = TopicID()
        var partitions: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&id)
            try io.field(&partitions)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&memberID)
        try io.field(&memberEpoch)
        try io.field(&instanceID)
        try io.field(&rack)
        try io.field(&rebalanceTimeoutMilliseconds)
        try io.field(&topicNames)
        try io.field(&topicExpression, since: 1)
        try io.field(&assignor)
        try io.field(&partitions)
    }
}

/// An answer without an assignment.
struct ConsumerGroupHeartbeatResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var memberID: String?
    var memberEpoch: Int32 = 0
    var heartbeatMilliseconds: Int32 = 0
    /// -1 stands for none.
    var assignment: Int8 = -1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&memberID)
        try io.field(&memberEpoch)
        try io.field(&heartbeatMilliseconds)
        try io.field(&assignment)
    }
}

/// How a member of a share group (KIP-932) joins it. It is read to be refused.
struct ShareGroupHeartbeatRequest: RequestMessage {
    typealias Response = ConsumerGroupHeartbeatResponse
    static let api = API(76, "ShareGroupHeartbeat", versions: 1...1, flexibleSince: 0)

    var groupID = ""
    var memberID = ""
    var memberEpoch: Int32 = 0
    var rack: String?
    var topicNames: [String]?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&memberID)
        try io.field(&memberEpoch)
        try io.field(&rack)
        try io.field(&topicNames)
    }
}
