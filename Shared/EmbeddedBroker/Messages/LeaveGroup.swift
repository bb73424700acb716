// SPDX-License-Identifier: Apache-2.0

struct LeaveGroupRequest: RequestMessage {
    typealias Response = LeaveGroupResponse
    static let api = API(13, "LeaveGroup", versions: 0...5, flexibleSince: 4)

    var groupID = ""
    var memberID = ""
    var members: [Member] = []

    struct Member: WireStructure {
        var memberID = ""
        var groupInstanceID: String?
        var reason: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&groupInstanceID)
            try io.field(&reason, since: 5)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&memberID, until: 2)
        try io.field(&members, since: 3)
    }
}

struct LeaveGroupResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var members: [Member] = []

    struct Member: WireStructure {
        var memberID = ""
        var groupInstanceID: String?
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&groupInstanceID)
            try io.field(&error)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error)
        try io.field(&members, since: 3)
    }
}
