// SPDX-License-Identifier: Apache-2.0

struct AddPartitionsToTxnRequest: RequestMessage {
    typealias Response = AddPartitionsToTxnResponse
    static let api = API(24, "AddPartitionsToTxn", versions: 0...3, flexibleSince: 3)

    var transactionalID = ""
    var producerID: Int64 = 0
    var producerEpoch: Int16 = 0
    var topics: [TopicPartitions] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&producerID)
        try io.field(&producerEpoch)
        try io.field(&topics)
    }
}

struct AddPartitionsToTxnResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var topics: [TopicErrors] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&topics)
    }
}
