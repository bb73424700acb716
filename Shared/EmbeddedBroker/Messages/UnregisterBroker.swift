// SPDX-License-Identifier: Apache-2.0

struct UnregisterBrokerRequest: RequestMessage {
    typealias Response = UnregisterBrokerResponse
    static let api = API(64, "UnregisterBroker", versions: 0...0, flexibleSince: 0)

    var brokerID: Int32 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&brokerID) }
}

struct UnregisterBrokerResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
    }
}
