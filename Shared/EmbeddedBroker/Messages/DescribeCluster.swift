// SPDX-License-Identifier: Apache-2.0

struct DescribeClusterRequest: RequestMessage {
    typealias Response = DescribeClusterResponse
    static let api = API(60, "DescribeCluster", versions: 0...1, flexibleSince: 0)

    var includeAuthorizedOperations = false
    var endpointType: Int8 = 1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&includeAuthorizedOperations)
        try io.field(&endpointType, since: 1)
    }
}

struct DescribeClusterResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    var errorMessage: String?
    var endpointType: Int8 = 1
    var clusterID = ""
    var controllerID: Int32 = -1
    var brokers: [Node] = []
    var authorizedOperations = MetadataResponse.operationsNotRequested

    struct Node: WireStructure {
        var id: Int32 = 0
        var host = ""
        var port: Int32 = 0
        var rack: String?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&id)
            try io.field(&host)
            try io.field(&port)
            try io.field(&rack)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds)
        try io.field(&error)
        try io.field(&errorMessage)
        try io.field(&endpointType, since: 1)
        try io.field(&clusterID)
        try io.field(&controllerID)
        try io.field(&brokers)
        try io.field(&authorizedOperations)
    }
}
