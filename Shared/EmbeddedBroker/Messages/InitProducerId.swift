// SPDX-License-Identifier: Apache-2.0

struct InitProducerIdRequest: RequestMessage {
    typealias Response = InitProducerIdResponse
    static let api = API(22, "InitProducerId", versions: 0...4, flexibleSince: 2)

    var transactionalID: String?
    var transactionTimeoutMilliseconds: Int32 = 0
    var producerID: Int64 = -1
    var producerEpoch: Int16 = -1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&transactionTimeoutMilliseconds)
        try io.field(&producerID, since: 3)
        try io.field(&producerEpoch, since: 3)
    }
}

struct InitProducerIdResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var producerID: Int64 = -1
    var producerEpoch: Int16 = -1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&producerID)
        try io.field(&producerEpoch)
    }
}
