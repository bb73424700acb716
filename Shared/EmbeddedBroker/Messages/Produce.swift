// SPDX-License-Identifier: Apache-2.0

import NIOCore

struct ProduceRequest: RequestMessage {
    typealias Response = ProduceResponse
    static let api = API(0, "Produce", versions: 3...10, flexibleSince: 9)

    var transactionalID: String?
    var acks: Int16 = 0
    var timeoutMilliseconds: Int32 = 0
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
        var records: ByteBuffer?
        /// The head of the batch, or why the batch is refused. Not on the wire.
        var header: Result<RecordBatchHeader, ErrorCode>?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&records)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID, since: 3)
        try io.field(&acks)
        try io.field(&timeoutMilliseconds)
        try io.field(&topics)
    }
}

struct ProduceResponse: WireStructure {
    var topics: [Topic] = []
    var throttleMilliseconds: Int32 = 0

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
        var baseOffset: Int64 = -1
        var logAppendTime: Int64 = -1
        var logStartOffset: Int64 = -1
        var recordErrors: [RecordError] = []
        var errorMessage: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
            try io.field(&baseOffset)
            try io.field(&logAppendTime, since: 2)
            try io.field(&logStartOffset, since: 5)
            try io.field(&recordErrors, since: 8)
            try io.field(&errorMessage, since: 8)
        }
    }

    struct RecordError: WireStructure {
        var batchIndex: Int32 = 0
        var message: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&batchIndex)
            try io.field(&message)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topics)
        try io.field(&throttleMilliseconds, since: 1)
    }
}
