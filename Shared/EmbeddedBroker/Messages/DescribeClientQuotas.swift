// SPDX-License-Identifier: Apache-2.0

struct DescribeClientQuotasRequest: RequestMessage {
    typealias Response = DescribeClientQuotasResponse
    static let api = API(48, "DescribeClientQuotas", versions: 0...1, flexibleSince: 1)

    var components: [Component] = []
    var isStrict = false

    struct Component: WireStructure {
        var entityType = ""
        /// 0 by name, 1 the default entity, 2 any that is named.
        var matchType: Int8 = 0
        var match: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&entityType)
            try io.field(&matchType)
            try io.field(&match)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&components)
        try io.field(&isStrict)
    }
}

struct DescribeClientQuotasResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var entries: [Entry]?

    struct Entry: WireStructure {
        var entity: [Entity] = []
        var values: [Value] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&entity)
            try io.field(&values)
        }
    }

    struct Entity: WireStructure {
        var type = ""
        var name: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&type)
            try io.field(&name)
        }
    }

    struct Value: WireStructure {
        var key = ""
        var value: Double = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&key)
            try io.field(&value)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&entries)
    }
}
