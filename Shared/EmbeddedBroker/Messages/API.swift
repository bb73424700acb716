// SPDX-License-Identifier: Apache-2.0

/// What a broker must know of an API before it reads a request: its key, the versions served, the first flexible one.
struct API: Sendable {
    let key: Int16
    let name: String
    let versions: ClosedRange<Int16>
    /// The first version in the encoding with compact lengths and tagged fields.
    let flexibleSince: Int16

    init(_ key: Int16, _ name: String, versions: ClosedRange<Int16>, flexibleSince: Int16 = .max) {
        self.key = key
        self.name = name
        self.versions = versions
        self.flexibleSince = flexibleSince
    }

    func isFlexible(_ version: Int16) -> Bool { version >= flexibleSince }
}

/// A request that the broker serves, with the type of its answer.
protocol RequestMessage: WireStructure {
    associatedtype Response: WireStructure
    static var api: API { get }
}

/// What precedes every request.
struct RequestHeader: Equatable, Sendable {
    var apiKey: Int16
    var apiVersion: Int16
    var correlationID: Int32
    var clientID: String?
}
