// SPDX-License-Identifier: Apache-2.0

struct SyncGroupRequest: RequestMessage {
    typealias Response = SyncGroupResponse
    static let api = API(14, "SyncGroup", versions: 0...5, flexibleSince: 4)

    var groupID = ""
    var generation: Int32 = 0
    var memberID = ""
    var groupInstanceID: String?
    var protocolType: String?
    var protocolName: String?
    var assignments: [Assignment] = []

    struct Assignment: WireStructure {
        var memberID = ""
        var assignment = Opaque()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&assignment)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&generation)
        try io.field(&memberID)
        try io.field(&groupInstanceID, since: 3)
        try io.field(&protocolType, since: 5)
        try io.field(&protocolName, since: 5)
        try io.field(&assignments)
    }
}

struct SyncGroupResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var protocolType: String?
    var protocolName: String?
    var assignment = Opaque()

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error)
        try io.field(&protocolType, since: 5)
        try io.field(&protocolName, since: 5)
        try io.field(&assignment)
    }
}
