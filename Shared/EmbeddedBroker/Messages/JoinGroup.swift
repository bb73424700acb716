// SPDX-License-Identifier: Apache-2.0

struct JoinGroupRequest: RequestMessage {
    typealias Response = JoinGroupResponse
    static let api = API(11, "JoinGroup", versions: 0...9, flexibleSince: 6)

    var groupID = ""
    var sessionTimeoutMilliseconds: Int32 = 0
    var rebalanceTimeoutMilliseconds: Int32 = -1
    var memberID = ""
    var groupInstanceID: String?
    var protocolType = ""
    var protocols: [GroupProtocol] = []
    var reason: String?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&sessionTimeoutMilliseconds)
        try io.field(&rebalanceTimeoutMilliseconds, since: 1)
        try io.field(&memberID)
        try io.field(&groupInstanceID, since: 5)
        try io.field(&protocolType)
        try io.field(&protocols)
        try io.field(&reason, since: 8)
    }
}

/// A way to assign partitions that a member understands, with what it tells the leader under it.
struct GroupProtocol: WireStructure {
    var name = ""
    var metadata = Opaque()

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&name)
        try io.field(&metadata)
    }
}

struct JoinGroupResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var generation: Int32 = -1
    var protocolType: String?
    var protocolName: String? = ""
    var leaderID = ""
    var skipAssignment = false
    var memberID = ""
    var members: [Member] = []

    struct Member: WireStructure {
        var memberID = ""
        var groupInstanceID: String?
        var metadata = Opaque()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&groupInstanceID, since: 5)
            try io.field(&metadata)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 2)
        try io.field(&error)
        try io.field(&generation)
        try io.field(&protocolType, since: 7)
        try io.field(&protocolName)
        try io.field(&leaderID)
        try io.field(&skipAssignment, since: 9)
        try io.field(&memberID)
        try io.field(&members)
    }
}
