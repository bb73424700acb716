// SPDX-License-Identifier: Apache-2.0

struct TxnOffsetCommitRequest: RequestMessage {
    typealias Response = TxnOffsetCommitResponse
    static let api = API(28, "TxnOffsetCommit", versions: 0...3, flexibleSince: 3)

    var transactionalID = ""
    var groupID = ""
    var producerID: Int64 = 0
    var producerEpoch: Int16 = 0
    var generation: Int32 = -1
    var memberID = ""
    var groupInstanceID: String?
    var topics: [Topic] = []

    struct Topic: WireStructure {
        var name = ""
        var partitions: [Partition] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&partitions)
        }
    }

    struct Partition: WireStructure {
        var index: Int32 = 0
        var offset: Int64 = 0
        var leaderEpoch: Int32 = -1
        var metadata: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&offset)
            try io.field(&leaderEpoch, since: 2)
            try io.field(&metadata)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&groupID)
        try io.field(&producerID)
        try io.field(&producerEpoch)
        try io.field(&generation, since: 3)
        try io.field(&memberID, since: 3)
        try io.field(&groupInstanceID, since: 3)
        try io.field(&topics)
    }
}

struct TxnOffsetCommitResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [TopicErrors] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&topics)
    }
}
