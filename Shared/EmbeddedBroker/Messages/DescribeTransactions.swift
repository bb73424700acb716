// SPDX-License-Identifier: Apache-2.0

struct DescribeTransactionsRequest: RequestMessage {
    typealias Response = DescribeTransactionsResponse
    static let api = API(65, "DescribeTransactions", versions: 0...0, flexibleSince: 0)

    var transactionalIDs: [String] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&transactionalIDs) }
}

struct DescribeTransactionsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var transactions: [Description] = []

    struct Description: WireStructure {
        var error = ErrorCode.none
        var transactionalID = ""
        var state = ""
        var timeoutMilliseconds: Int32 = 0
        /// Milliseconds since 1970; -1 when no transaction is open.
        var startedAt: Int64 = -1
        var producerID: Int64 = -1
        var producerEpoch: Int16 = -1
        var topics: [TopicPartitions] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&transactionalID)
            try io.field(&state)
            try io.field(&timeoutMilliseconds)
            try io.field(&startedAt)
            try io.field(&producerID)
            try io.field(&producerEpoch)
            try io.field(&topics)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&transactions)
    }
}

struct ListTransactionsRequest: RequestMessage {
    typealias Response = ListTransactionsResponse
    static let api = API(66, "ListTransactions", versions: 0...1, flexibleSince: 0)

    /// Empty lists, here and below, ask for all.
    var states: [String] = []
    var producerIDs: [Int64] = []
    /// Only transactions open for longer than this many milliseconds; negative asks for all.
    var openLongerThan: Int64 = -1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&states)
        try io.field(&producerIDs)
        try io.field(&openLongerThan, since: 1)
    }
}

struct ListTransactionsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var unknownStates: [String] = []
    var transactions: [Listing] = []

    struct Listing: WireStructure {
        var transactionalID = ""
        var producerID: Int64 = -1
        var state = ""

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&transactionalID)
            try io.field(&producerID)
            try io.field(&state)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&unknownStates)
        try io.field(&transactions)
    }
}
