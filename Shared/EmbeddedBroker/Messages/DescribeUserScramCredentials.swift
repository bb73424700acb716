// SPDX-License-Identifier: Apache-2.0

struct DescribeUserScramCredentialsRequest: RequestMessage {
    typealias Response = DescribeUserScramCredentialsResponse
    static let api = API(50, "DescribeUserScramCredentials", versions: 0...0, flexibleSince: 0)

    /// Null or empty asks for every user.
    var users: [User]?

    struct User: WireStructure {
        var name = ""

        mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&name) }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws { try io.field(&users) }
}

struct DescribeUserScramCredentialsResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var results: [Result] = []

    struct Result: WireStructure {
        var user = ""
        var error = ErrorCode.none
        var errorMessage: String?
        var credentials: [Credential] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&user)
            try io.field(&error)
            try io.field(&errorMessage)
            try io.field(&credentials)
        }
    }

    struct Credential: WireStructure {
        var mechanism: Int8 = 0
        var iterations: Int32 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&mechanism)
            try io.field(&iterations)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&results)
    }
}
