// SPDX-License-Identifier: Apache-2.0

struct DeleteGroupsRequest: RequestMessage {
    typealias Response = DeleteGroupsResponse
    static let api = API(42, "DeleteGroups", versions: 0...2, flexibleSince: 2)

    var groups: [String] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groups)
    }
}

struct DeleteGroupsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var groupID = ""
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&groupID)
            try io.field(&error)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}
