// SPDX-License-Identifier: Apache-2.0

struct OffsetDeleteRequest: RequestMessage {
    typealias Response = OffsetDeleteResponse
    static let api = API(47, "OffsetDelete", versions: 0...0)

    var groupID = ""
    var topics: [TopicPartitions] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&topics)
    }
}

struct OffsetDeleteResponse: WireStructure {
    var error = ErrorCode.none
    var throttleMilliseconds: Int32 = 0
    var topics: [TopicErrors] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&error)
        try io.field(&throttleMilliseconds)
        try io.field(&topics)
    }
}
