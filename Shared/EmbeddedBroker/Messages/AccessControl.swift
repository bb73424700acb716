// SPDX-License-Identifier: Apache-2.0

/// Where a rule of access applies, to whom, and what it says; every field may also stand for any.
struct AccessRuleFilter: WireStructure {
    var resourceType: Int8 = 0
    var resourceName: String?
    var patternType: Int8 = 3
    var principal: String?
    var host: String?
    var operation: Int8 = 0
    var permission: Int8 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&resourceType)
        try io.field(&resourceName)
        try io.field(&patternType, since: 1)
        try io.field(&principal)
        try io.field(&host)
        try io.field(&operation)
        try io.field(&permission)
    }
}

struct DescribeAclsRequest: RequestMessage {
    typealias Response = DescribeAclsResponse
    static let api = API(29, "DescribeAcls", versions: 0...3, flexibleSince: 2)

    var filter = AccessRuleFilter()

    // The fields stand in the request itself, not in a structure of their own.
    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try filter.describe(&io) }
}

struct DescribeAclsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var resources: [Resource] = []

    struct Resource: WireStructure {
        var type: Int8 = 0
        var name = ""
        var patternType: Int8 = 3
        var rules: [Rule] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&type)
            try io.field(&name)
            try io.field(&patternType, since: 1)
            try io.field(&rules)
        }
    }

    struct Rule: WireStructure {
        var principal = ""
        var host = ""
        var operation: Int8 = 0
        var permission: Int8 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&principal)
            try io.field(&host)
            try io.field(&operation)
            try io.field(&permission)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&resources)
    }
}

/// A rule of access for one resource.
struct AccessRule: WireStructure {
    var resourceType: Int8 = 0
    var resourceName = ""
    var patternType: Int8 = 3
    var principal = ""
    var host = ""
    var operation: Int8 = 0
    var permission: Int8 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&resourceType)
        try io.field(&resourceName)
        try io.field(&patternType, since: 1)
        try io.field(&principal)
        try io.field(&host)
        try io.field(&operation)
        try io.field(&permission)
    }
}

struct CreateAclsRequest: RequestMessage {
    typealias Response = CreateAclsResponse
    static let api = API(30, "CreateAcls", versions: 0...3, flexibleSince: 2)

    var rules: [AccessRule] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&rules) }
}

struct CreateAclsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var error = ErrorCode.none
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&errorMessage)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}

struct DeleteAclsRequest: RequestMessage {
    typealias Response = DeleteAclsResponse
    static let api = API(31, "DeleteAcls", versions: 0...3, flexibleSince: 2)

    var filters: [AccessRuleFilter] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&filters) }
}

struct DeleteAclsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var error = ErrorCode.none
        var errorMessage: String?
        var deleted: [Deleted] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&errorMessage)
            try io.field(&deleted)
        }
    }

    struct Deleted: WireStructure {
        var error = ErrorCode.none
        var errorMessage: String?
        var rule = AccessRule()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&errorMessage)
            try rule.describe(&io)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}
