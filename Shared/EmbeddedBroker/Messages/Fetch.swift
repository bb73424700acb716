// SPDX-License-Identifier: Apache-2.0

import NIOCore

struct FetchRequest: RequestMessage {
    typealias Response = FetchResponse
    static let api = API(1, "Fetch", versions: 4...12, flexibleSince: 12)

    var replicaID: Int32 = -1
    var maxWaitMilliseconds: Int32 = 0
    var minBytes: Int32 = 0
    var maxBytes: Int32 = .max
    var isolationLevel: Int8 = 0
    var sessionID: Int32 = 0
    var sessionEpoch: Int32 = -1
    var topics: [Topic] = []
    var forgottenTopics: [ForgottenTopic] = []
    var rackID = ""

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
        var currentLeaderEpoch: Int32 = -1
        var fetchOffset: Int64 = 0
        var lastFetchedEpoch: Int32 = -1
        var logStartOffset: Int64 = -1
        var maxBytes: Int32 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&currentLeaderEpoch, since: 9)
            try io.field(&fetchOffset)
            try io.field(&lastFetchedEpoch, since: 12)
            try io.field(&logStartOffset, since: 5)
            try io.field(&maxBytes)
        }
    }

    struct ForgottenTopic: WireStructure {
        var name = ""
        var partitions: [Int32] = []

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&name)
            try io.field(&partitions)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&replicaID)
        try io.field(&maxWaitMilliseconds)
        try io.field(&minBytes)
        try io.field(&maxBytes, since: 3)
        try io.field(&isolationLevel, since: 4)
        try io.field(&sessionID, since: 7)
        try io.field(&sessionEpoch, since: 7)
        try io.field(&topics)
        try io.field(&forgottenTopics, since: 7)
        try io.field(&rackID, since: 11)
    }
}

struct FetchResponse: WireStructure {
    var throttleMilliseconds: Int32 = 0
    var error = ErrorCode.none
    /// Zero: the broker keeps no fetch sessions, and clients then send full fetches.
    var sessionID: Int32 = 0
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
        var error = ErrorCode.none
        var highWatermark: Int64 = -1
        var lastStableOffset: Int64 = -1
        var logStartOffset: Int64 = -1
        var abortedTransactions: [AbortedTransaction]?
        var preferredReadReplica: Int32 = -1
        var batches: WirePiece?

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&error)
            try io.field(&highWatermark)
            try io.field(&lastStableOffset, since: 4)
            try io.field(&logStartOffset, since: 5)
            try io.field(&abortedTransactions, since: 4)
            try io.field(&preferredReadReplica, since: 11)
            try io.field(&batches)
        }
    }

    struct AbortedTransaction: WireStructure {
        var producerID: Int64 = 0
        var firstOffset: Int64 = 0

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&producerID)
            try io.field(&firstOffset)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&throttleMilliseconds, since: 1)
        try io.field(&error, since: 7)
        try io.field(&sessionID, since: 7)
        try io.field(&topics)
    }
}
