// SPDX-License-Identifier: Apache-2.0

struct FindCoordinatorRequest: RequestMessage {
    typealias Response = FindCoordinatorResponse
    static let api = API(10, "FindCoordinator", versions: 0...4, flexibleSince: 3)

    var key = ""
    /// 0 is a consumer group, 1 a transactional id.
    var keyType: Int8 = 0
    var keys: [String] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&key, until: 3)
        try io.field(&keyType, since: 1)
        try io.field(&keys, since: 4)
    }
}

struct FindCoordinatorResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var nodeID: Int32 = 0
    var host = ""
    var port: Int32 = 0
    var coordinators: [Coordinator] = []

    struct Coordinator: WireStructure {
        var key = ""
        var nodeID: Int32 = 0
        var host = ""
        var port: Int32 = 0
        var error = ErrorCode.none
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&key)
            try io.field(&nodeID)
            try io.field(&host)
            try io.field(&port)
            try io.field(&error)
            try io.field(&errorMessage)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error, until: 3)
        try io.field(&errorMessage, since: 1, until: 3)
        try io.field(&nodeID, until: 3)
        try io.field(&host, until: 3)
        try io.field(&port, until: 3)
        try io.field(&coordinators, since: 4)
    }
}
