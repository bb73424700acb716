// SPDX-License-Identifier: Apache-2.0

struct DeleteRecordsRequest: RequestMessage {
    typealias Response = DeleteRecordsResponse
    static let api = API(21, "DeleteRecords", versions: 0...2, flexibleSince: 2)

    var topics: [Topic] = []
    var timeoutMilliseconds: Int32 = 0

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
        /// Records before this offset go; -1 is the high watermark.
        var offset: Int64 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&offset)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics)
        try io.field(&timeoutMilliseconds)
    }
}

struct DeleteRecordsResponse: WireStructure {
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
        var lowWatermark: Int64 = -1
        var error = ErrorCode.none

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&lowWatermark)
            try io.field(&error)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&topics)
    }
}
