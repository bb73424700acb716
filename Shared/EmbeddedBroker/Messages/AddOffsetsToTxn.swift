// SPDX-License-Identifier: Apache-2.0

struct AddOffsetsToTxnRequest: RequestMessage {
    typealias Response = AddOffsetsToTxnResponse
    static let api = API(25, "AddOffsetsToTxn", versions: 0...3, flexibleSince: 3)

    var transactionalID = ""
    var producerID: Int64 = 0
    var producerEpoch: Int16 = 0
    var groupID = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&producerID)
        try io.field(&producerEpoch)
        try io.field(&groupID)
    }
}

struct AddOffsetsToTxnResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
    }
}
