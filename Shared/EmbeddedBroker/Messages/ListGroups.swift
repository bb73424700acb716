// SPDX-License-Identifier: Apache-2.0

struct ListGroupsRequest: RequestMessage {
    typealias Response = ListGroupsResponse
    static let api = API(16, "ListGroups", versions: 0...5, flexibleSince: 3)

    /// Empty asks for groups in any state.
    var states: [String] = []
    /// Empty asks for groups of any type.
    var types: [String] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&states, since: 4)
        try io.field(&types, since: 5)
    }
}

struct ListGroupsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var groups: [Group] = []

    struct Group: WireStructure {
        var groupID = ""
        var protocolType = ""
        var state = ""
        var type = "classic"

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&groupID)
            try io.field(&protocolType)
            try io.field(&state, since: 4)
            try io.field(&type, since: 5)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error)
        try io.field(&groups)
    }
}
