// SPDX-License-Identifier: Apache-2.0

struct DescribeGroupsRequest: RequestMessage {
    typealias Response = DescribeGroupsResponse
    static let api = API(15, "DescribeGroups", versions: 0...5, flexibleSince: 5)

    var groups: [String] = []
    var includeAuthorizedOperations = false

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groups)
        try io.field(&includeAuthorizedOperations, since: 3)
    }
}

struct DescribeGroupsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var groups: [Group] = []

    struct Group: WireStructure {
        var error = ErrorCode.none
        var groupID = ""
        var state = ""
        var protocolType = ""
        var protocolName = ""
        var members: [Member] = []
        var authorizedOperations = MetadataResponse.operationsNotRequested

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&groupID)
            try io.field(&state)
            try io.field(&protocolType)
            try io.field(&protocolName)
            try io.field(&members)
            try io.field(&authorizedOperations, since: 3)
        }
    }

    struct Member: WireStructure {
        var memberID = ""
        var groupInstanceID: String?
        var clientID = ""
        var clientHost = ""
        var metadata = Opaque()
        var assignment = Opaque()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&groupInstanceID, since: 4)
            try io.field(&clientID)
            try io.field(&clientHost)
            try io.field(&metadata)
            try io.field(&assignment)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&groups)
    }
}
