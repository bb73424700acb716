// SPDX-License-Identifier: Apache-2.0

struct EndTxnRequest: RequestMessage {
    typealias Response = EndTxnResponse
    static let api = API(26, "EndTxn", versions: 0...3, flexibleSince: 3)

    var transactionalID = ""
    var producerID: Int64 = 0
    var producerEpoch: Int16 = 0
    var committed = false

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&producerID)
        try io.field(&producerEpoch)
        try io.field(&committed)
    }
}

struct EndTxnResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
    }
}
