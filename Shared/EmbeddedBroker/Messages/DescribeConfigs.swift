// SPDX-License-Identifier: Apache-2.0

struct DescribeConfigsRequest: RequestMessage {
    typealias Response = DescribeConfigsResponse
    static let api = API(32, "DescribeConfigs", versions: 0...4, flexibleSince: 4)

    var resources: [Resource] = []
    var includeSynonyms = false
    var includeDocumentation = false

    struct Resource: WireStructure {
        var type: Int8 = 0
        var name = ""
        /// Null asks for every key.
        var keys: [String]?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&type)
            try io.field(&name)
            try io.field(&keys)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&resources)
        try io.field(&includeSynonyms, since: 1)
        try io.field(&includeDocumentation, since: 3)
    }
}

/// The kinds of resource that have a configuration.
enum ConfigResourceType {
    static let topic: Int8 = 2
    static let broker: Int8 = 4
    static let brokerLogger: Int8 = 8
    static let clientMetrics: Int8 = 16
}

struct DescribeConfigsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var results: [Result] = []

    struct Result: WireStructure {
        var error = ErrorCode.none
        var errorMessage: String?
        var type: Int8 = 0
        var name = ""
        var configs: [Config] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&errorMessage)
            try io.field(&type)
            try io.field(&name)
            try io.field(&configs)
        }
    }

    struct Config: WireStructure {
        /// Where a value comes from: set on the topic, set for the broker at start, or a default.
        static let topicSource: Int8 = 1
        static let brokerSource: Int8 = 4
        static let defaultSource: Int8 = 5
        static let loggerSource: Int8 = 6

        var name = ""
        var value: String?
        var isReadOnly = false
        var isDefault = false
        var source: Int8 = 0
        var isSensitive = false
        var synonyms: [Synonym] = []
        var type: Int8 = 0
        var documentation: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&value)
            try io.field(&isReadOnly)
            try io.field(&isDefault, until: 0)
            try io.field(&source, since: 1)
            try io.field(&isSensitive)
            try io.field(&synonyms, since: 1)
            try io.field(&type, since: 3)
            try io.field(&documentation, since: 3)
        }
    }

    struct Synonym: WireStructure {
        var name = ""
        var value: String?
        var source: Int8 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&value)
            try io.field(&source)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&results)
    }
}
