// SPDX-License-Identifier: Apache-2.0

struct DescribeProducersRequest: RequestMessage {
    typealias Response = DescribeProducersResponse
    static let api = API(61, "DescribeProducers", versions: 0...0, flexibleSince: 0)

    var topics: [TopicPartitions] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&topics) }
}

struct DescribeProducersResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [Topic] = []

    struct Topic: WireStructure {
        var name = ""
        var partitions: [Partition] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&partitions)
        }
    }

    struct Partition: WireStructure {
        var index: Int32 = 0
        var error = ErrorCode.none
        var errorMessage: String?
        var producers: [Producer] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
            try io.field(&errorMessage)
            try io.field(&producers)
        }
    }

    struct Producer: WireStructure {
        var id: Int64 = 0
        var epoch: Int32 = 0
        var lastSequence: Int32 = -1
        /// Milliseconds since 1970; -1 when it is not known.
        var lastTimestamp: Int64 = -1
        var coordinatorEpoch: Int32 = 0
        /// -1 when no transaction is open.
        var transactionStartOffset: Int64 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&id)
            try io.field(&epoch)
            try io.field(&lastSequence)
            try io.field(&lastTimestamp)
            try io.field(&coordinatorEpoch)
            try io.field(&transactionStartOffset)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&topics)
    }
}
