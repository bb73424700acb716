// SPDX-License-Identifier: Apache-2.0

struct HeartbeatRequest: RequestMessage {
    typealias Response = HeartbeatResponse
    static let api = API(12, "Heartbeat", versions: 0...4, flexibleSince: 4)

    var groupID = ""
    var generation: Int32 = 0
    var memberID = ""
    var groupInstanceID: String?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&generation)
        try io.field(&memberID)
        try io.field(&groupInstanceID, since: 3)
    }
}

struct HeartbeatResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error)
    }
}
