// SPDX-License-Identifier: Apache-2.0

struct OffsetForLeaderEpochRequest: RequestMessage {
    typealias Response = OffsetForLeaderEpochResponse
    static let api = API(23, "OffsetForLeaderEpoch", versions: 2...4, flexibleSince: 4)

    var replicaID: Int32 = -2
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
        var leaderEpoch: Int32 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&currentLeaderEpoch, since: 2)
            try io.field(&leaderEpoch)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&replicaID, since: 3)
        try io.field(&topics)
    }
}

struct OffsetForLeaderEpochResponse: WireStructure {
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
        var error = ErrorCode.none
        var index: Int32 = 0
        var leaderEpoch: Int32 = -1
        var endOffset: Int64 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&index)
            try io.field(&leaderEpoch, since: 1)
            try io.field(&endOffset)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 2)
        try io.field(&topics)
    }
}
