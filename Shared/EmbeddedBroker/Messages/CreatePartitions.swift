// SPDX-License-Identifier: Apache-2.0

struct CreatePartitionsRequest: RequestMessage {
    typealias Response = CreatePartitionsResponse
    static let api = API(37, "CreatePartitions", versions: 0...3, flexibleSince: 2)

    var topics: [Topic] = []
    var timeoutMilliseconds: Int32 = 0
    var validateOnly = false

    struct Topic: WireStructure {
        var name = ""
        /// The number of partitions wanted, old ones included.
        var count: Int32 = 0
        var assignments: [Assignment]?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&count)
            try io.field(&assignments)
        }
    }

    struct Assignment: WireStructure {
        var brokers: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&brokers)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics)
        try io.field(&timeoutMilliseconds)
        try io.field(&validateOnly)
    }
}

struct CreatePartitionsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var name = ""
        var error = ErrorCode.none
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&error)
            try io.field(&errorMessage)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}
