// SPDX-License-Identifier: Apache-2.0

struct DeleteTopicsRequest: RequestMessage {
    typealias Response = DeleteTopicsResponse
    static let api = API(20, "DeleteTopics", versions: 0...6, flexibleSince: 4)

    var topics: [Topic] = []
    var names: [String] = []
    var timeoutMilliseconds: Int32 = 0

    struct Topic: WireStructure {
        var name: String?
        var id = TopicID()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&id)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics, since: 6)
        try io.field(&names, until: 5)
        try io.field(&timeoutMilliseconds)
    }
}

struct DeleteTopicsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var name: String? = ""
        var id = TopicID()
        var error = ErrorCode.none
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&id, since: 6)
            try io.field(&error)
            try io.field(&errorMessage, since: 5)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&results)
    }
}
