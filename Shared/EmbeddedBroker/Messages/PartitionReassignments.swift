// SPDX-License-Identifier: Apache-2.0

struct AlterPartitionReassignmentsRequest: RequestMessage {
    typealias Response = AlterPartitionReassignmentsResponse
    static let api = API(45, "AlterPartitionReassignments", versions: 0...1, flexibleSince: 0)

    var timeoutMilliseconds: Int32 = 60_000
    var allowReplicationFactorChange = true
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
        /// Null calls a reassignment off.
        var replicas: [Int32]?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&replicas)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&timeoutMilliseconds)
        try io.field(&allowReplicationFactorChange, since: 1)
        try io.field(&topics)
    }
}

struct AlterPartitionReassignmentsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var allowReplicationFactorChange = true
    var error = ErrorCode.none
    var errorMessage: String?
    var topics: [ElectLeadersResponse.Topic] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&allowReplicationFactorChange, since: 1)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&topics)
    }
}

struct ListPartitionReassignmentsRequest: RequestMessage {
    typealias Response = ListPartitionReassignmentsResponse
    static let api = API(46, "ListPartitionReassignments", versions: 0...0, flexibleSince: 0)

    var timeoutMilliseconds: Int32 = 60_000
    /// Null asks for every partition.
    var topics: [TopicPartitions]?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&timeoutMilliseconds)
        try io.field(&topics)
    }
}

struct ListPartitionReassignmentsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
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
        var replicas: [Int32] = []
        var adding: [Int32] = []
        var removing: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&replicas)
            try io.field(&adding)
            try io.field(&removing)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&topics)
    }
}
