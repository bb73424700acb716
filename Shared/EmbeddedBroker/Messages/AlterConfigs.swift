// SPDX-License-Identifier: Apache-2.0

/// Replaces the whole configuration of a resource.
struct AlterConfigsRequest: RequestMessage {
    typealias Response = AlterConfigsResponse
    static let api = API(33, "AlterConfigs", versions: 0...2, flexibleSince: 2)

    var resources: [Resource] = []
    var validateOnly = false

    struct Resource: WireStructure {
        var type: Int8 = 0
        var name = ""
        var configs: [CreateTopicsRequest.Config] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&type)
            try io.field(&name)
            try io.field(&configs)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&resources)
        try io.field(&validateOnly)
    }
}

/// Changes single keys of a resource's configuration.
struct IncrementalAlterConfigsRequest: RequestMessage {
    typealias Response = AlterConfigsResponse
    static let api = API(44, "IncrementalAlterConfigs", versions: 0...1, flexibleSince: 1)

    var resources: [Resource] = []
    var validateOnly = false

    struct Resource: WireStructure {
        var type: Int8 = 0
        var name = ""
        var configs: [Change] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&type)
            try io.field(&name)
            try io.field(&configs)
        }
    }

    struct Change: WireStructure {
        static let set: Int8 = 0
        static let delete: Int8 = 1
        static let append: Int8 = 2
        static let subtract: Int8 = 3

        var name = ""
        var operation: Int8 = 0
        var value: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&operation)
            try io.field(&value)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&resources)
        try io.field(&validateOnly)
    }
}

struct AlterConfigsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var error = ErrorCode.none
        var errorMessage: String?
        var type: Int8 = 0
        var name = ""

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&errorMessage)
            try io.field(&type)
            try io.field(&name)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}
