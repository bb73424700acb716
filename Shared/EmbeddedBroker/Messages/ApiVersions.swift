// SPDX-License-Identifier: Apache-2.0

struct ApiVersionsRequest: RequestMessage {
    typealias Response = ApiVersionsResponse
    static let api = API(18, "ApiVersions", versions: 0...4, flexibleSince: 3)

    var clientSoftwareName = ""
    var clientSoftwareVersion = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&clientSoftwareName, since: 3)
        try io.field(&clientSoftwareVersion, since: 3)
    }
}

struct ApiVersionsResponse: WireStructure {
    var error = ErrorCode.none
    var apis: [Range] = []
    var throttleMilliseconds: Int32 = 0

    struct Range: WireStructure {
        var key: Int16 = 0
        var minimum: Int16 = 0
        var maximum: Int16 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&key)
            try io.field(&minimum)
            try io.field(&maximum)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&error)
        try io.field(&apis)
        try io.field(&throttleMilliseconds, since: 1)
    }
}
