// SPDX-License-Identifier: Apache-2.0

struct DescribeLogDirsRequest: RequestMessage {
    typealias Response = DescribeLogDirsResponse
    static let api = API(35, "DescribeLogDirs", versions: 0...4, flexibleSince: 2)

    /// Null asks for every partition.
    var topics: [TopicPartitions]?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&topics) }
}

struct DescribeLogDirsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var results: [Result] = []

    struct Result: WireStructure {
        var error = ErrorCode.none
        var directory = ""
        var topics: [Topic] = []
        /// Of the file system; -1 when they are not known.
        var totalBytes: Int64 = -1
        var usableBytes: Int64 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&error)
            try io.field(&directory)
            try io.field(&topics)
            try io.field(&totalBytes, since: 4)
            try io.field(&usableBytes, since: 4)
        }
    }

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
        var bytes: Int64 = 0
        var offsetLag: Int64 = 0
        /// Whether it is about to take the place of the one in another directory.
        var isFuture = false

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&bytes)
            try io.field(&offsetLag)
            try io.field(&isFuture)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error, since: 3)
        try io.field(&results)
    }
}
