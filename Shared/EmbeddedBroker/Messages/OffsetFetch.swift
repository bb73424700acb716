// SPDX-License-Identifier: Apache-2.0

struct OffsetFetchRequest: RequestMessage {
    typealias Response = OffsetFetchResponse
    static let api = API(9, "OffsetFetch", versions: 0...8, flexibleSince: 6)

    var groupID = ""
    /// Null asks for every partition that the group has an offset for.
    var topics: [TopicPartitions]?
    var groups: [Group] = []
    /// Refuses to answer while a transaction holds newer offsets whose outcome is open.
    var requireStable = false

    struct Group: WireStructure {
        var groupID = ""
        var topics: [TopicPartitions]?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&groupID)
            try io.field(&topics)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID, until: 7)
        try io.field(&topics, until: 7)
        try io.field(&groups, since: 8)
        try io.field(&requireStable, since: 7)
    }
}

struct OffsetFetchResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [Topic] = []
    var error = ErrorCode.none
    var groups: [Group] = []

    struct Group: WireStructure {
        var groupID = ""
        var topics: [Topic] = []
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&groupID)
            try io.field(&topics)
            try io.field(&error)
        }
    }

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
        var offset: Int64 = -1
        var leaderEpoch: Int32 = -1
        var metadata: String? = ""
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&offset)
            try io.field(&leaderEpoch, since: 5)
            try io.field(&metadata)
            try io.field(&error)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 3)
        try io.field(&topics, until: 7)
        try io.field(&error, since: 2, until: 7)
        try io.field(&groups, since: 8)
    }
}
