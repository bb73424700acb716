// SPDX-License-Identifier: Apache-2.0

/// In version 0 it asks for the subscriptions to clients' metrics alone, and was named after them.
struct ListConfigResourcesRequest: RequestMessage {
    typealias Response = ListConfigResourcesResponse
    static let api = API(74, "ListConfigResources", versions: 0...1, flexibleSince: 0)

    /// None asks for all.
    var types: [Int8] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&types, since: 1) }
}

struct ListConfigResourcesResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var resources: [Resource] = []

    struct Resource: WireStructure {
        var name = ""
        var type = ConfigResourceType.clientMetrics

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&type, since: 1)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&resources)
    }
}
