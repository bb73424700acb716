// SPDX-License-Identifier: Apache-2.0

struct ListOffsetsRequest: RequestMessage {
    typealias Response = ListOffsetsResponse
    static let api = API(2, "ListOffsets", versions: 1...7, flexibleSince: 6)

    static let latest: Int64 = -1
    static let earliest: Int64 = -2
    static let maxTimestamp: Int64 = -3

    var replicaID: Int32 = -1
    var isolationLevel: Int8 = 0
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
        var currentLeaderEpoch: Int32 = -1
        var timestamp: Int64 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&currentLeaderEpoch, since: 4)
            try io.field(&timestamp)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&replicaID)
        try io.field(&isolationLevel, since: 2)
        try io.field(&topics)
    }
}

struct ListOffsetsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
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
        var error = ErrorCode.none
        var timestamp: Int64 = -1
        var offset: Int64 = -1
        var leaderEpoch: Int32 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
            try io.field(&timestamp, since: 1)
            try io.field(&offset, since: 1)
            try io.field(&leaderEpoch, since: 4)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 2)
        try io.field(&topics)
    }
}
