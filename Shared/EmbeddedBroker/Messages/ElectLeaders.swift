// SPDX-License-Identifier: Apache-2.0

struct ElectLeadersRequest: RequestMessage {
    typealias Response = ElectLeadersResponse
    static let api = API(43, "ElectLeaders", versions: 0...2, flexibleSince: 2)

    /// 0 elects the preferred replica, 1 any.
    var electionType: Int8 = 0
    /// Null asks for every partition.
    var topics: [TopicPartitions]?
    var timeoutMilliseconds: Int32 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&electionType, since: 1)
        try io.field(&topics)
        try io.field(&timeoutMilliseconds)
    }
}

struct ElectLeadersResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
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
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
            try io.field(&errorMessage)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error, since: 1)
        try io.field(&topics)
    }
}
