// SPDX-License-Identifier: Apache-2.0

struct OffsetCommitRequest: RequestMessage {
    typealias Response = OffsetCommitResponse
    static let api = API(8, "OffsetCommit", versions: 0...8, flexibleSince: 8)

    var groupID = ""
    var generation: Int32 = -1
    var memberID = ""
    var groupInstanceID: String?
    var retentionMilliseconds: Int64 = -1
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
        var commitTimestamp: Int64 = -1
        var metadata: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&offset)
            try io.field(&leaderEpoch, since: 6)
            try io.field(&commitTimestamp, since: 1, until: 1)
            try io.field(&metadata)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&generation, since: 1)
        try io.field(&memberID, since: 1)
        try io.field(&groupInstanceID, since: 7)
        try io.field(&retentionMilliseconds, since: 2, until: 4)
        try io.field(&topics)
    }
}

struct OffsetCommitResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [TopicErrors] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 3)
        try io.field(&topics)
    }
}

/// A topic with an error code for each of its partitions: the answer of several APIs.
struct TopicErrors: WireStructure {
    var name = ""
    var partitions: [Partition] = []

    struct Partition: WireStructure {
        var index: Int32 = 0
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&name)
        try io.field(&partitions)
    }
}

/// A topic with some of its partitions: the question of several APIs.
struct TopicPartitions: WireStructure {
    var name = ""
    var partitions: [Int32] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&name)
        try io.field(&partitions)
    }
}
