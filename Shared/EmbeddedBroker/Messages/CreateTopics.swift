// SPDX-License-Identifier: Apache-2.0

struct CreateTopicsRequest: RequestMessage {
    typealias Response = CreateTopicsResponse
    static let api = API(19, "CreateTopics", versions: 0...7, flexibleSince: 5)

    var topics: [Topic] = []
    var timeoutMilliseconds: Int32 = 0
    var validateOnly = false

    struct Topic: WireStructure {
        var name = ""
        var partitionCount: Int32 = -1
        var replicationFactor: Int16 = -1
        var assignments: [Assignment] = []
        var configs: [Config] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&partitionCount)
            try io.field(&replicationFactor)
            try io.field(&assignments)
            try io.field(&configs)
        }
    }

    struct Assignment: WireStructure {
        var partition: Int32 = 0
        var brokers: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&partition)
            try io.field(&brokers)
        }
    }

    struct Config: WireStructure {
        var name = ""
        var value: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&value)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics)
        try io.field(&timeoutMilliseconds)
        try io.field(&validateOnly, since: 1)
    }
}

struct CreateTopicsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [Topic] = []

    struct Topic: WireStructure {
        var name = ""
        var id = TopicID()
        var error = ErrorCode.none
        var errorMessage: String?
        var partitionCount: Int32 = -1
        var replicationFactor: Int16 = -1
        var configs: [Config]? = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&id, since: 7)
            try io.field(&error)
            try io.field(&errorMessage, since: 1)
            try io.field(&partitionCount, since: 5)
            try io.field(&replicationFactor, since: 5)
            try io.field(&configs, since: 5)
        }
    }

    struct Config: WireStructure {
        var name = ""
        var value: String?
        var isReadOnly = false
        var source: Int8 = 0
        var isSensitive = false

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&value)
            try io.field(&isReadOnly)
            try io.field(&source)
            try io.field(&isSensitive)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 2)
        try io.field(&topics)
    }
}
