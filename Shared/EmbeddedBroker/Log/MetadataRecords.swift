// SPDX-License-Identifier: Apache-2.0

/// A change of the broker's own state, as kept in the metadata log. The log's records use the protocol's encoding.
enum MetadataRecord: Equatable, Sendable {
    case cluster(ClusterRecord)
    case topic(TopicRecord)
    case topicDeleted(TopicDeletedRecord)
    case logStart(LogStartRecord)
    case producerBlock(ProducerBlockRecord)
    case transaction(TransactionRecord)
    case offsets(OffsetsRecord)
    case offsetsDeleted(OffsetsDeletedRecord)
    case group(GroupRecord)
    case groupDeleted(GroupDeletedRecord)
    case transactionDeleted(TransactionDeletedRecord)
    case groupEmptied(GroupEmptiedRecord)
    case committed(CommittedRecord)
}

struct ClusterRecord: WireStructure {
    var clusterID = ""
    /// The start of the operating system under which the broker last ran.
    var bootID = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&clusterID)
        try io.field(&bootID)
    }
}

struct TopicRecord: WireStructure {
    var name = ""
    var id = TopicID()
    var partitionCount: Int32 = 0
    var configs: [CreateTopicsRequest.Config] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&name)
        try io.field(&id)
        try io.field(&partitionCount)
        try io.field(&configs)
    }
}

struct TopicDeletedRecord: WireStructure {
    var name = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&name)
    }
}

struct LogStartRecord: WireStructure {
    var topic = ""
    var partition: Int32 = 0
    var offset: Int64 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&topic)
        try io.field(&partition)
        try io.field(&offset)
    }
}

/// Producer ids below `next` may have been given out.
struct ProducerBlockRecord: WireStructure {
    var next: Int64 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&next)
    }
}

struct TransactionRecord: WireStructure {
    var transactionalID = ""
    var producerID: Int64 = -1
    var producerEpoch: Int16 = -1
    var lastProducerEpoch: Int16 = -1
    var previousProducerID: Int64 = -1
    var timeoutMilliseconds: Int32 = 0
    var state: Int8 = 0
    var topics: [TopicPartitions] = []
    var groups: [String] = []
    var startedAt: Int64 = -1
    var updatedAt: Int64 = -1

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
        try io.field(&producerID)
        try io.field(&producerEpoch)
        try io.field(&lastProducerEpoch)
        try io.field(&previousProducerID)
        try io.field(&timeoutMilliseconds)
        try io.field(&state)
        try io.field(&topics)
        try io.field(&groups)
        try io.field(&startedAt)
        try io.field(&updatedAt)
    }
}

struct OffsetsRecord: WireStructure {
    var groupID = ""
    /// The producer in whose transaction the offsets wait for its outcome; -1 when they count at once.
    var producerID: Int64 = -1
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
        var offset: Int64 = 0
        var leaderEpoch: Int32 = -1
        var metadata = ""
        var committedAt: Int64 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&offset)
            try io.field(&leaderEpoch)
            try io.field(&metadata)
            try io.field(&committedAt)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&producerID)
        try io.field(&topics)
    }
}

struct OffsetsDeletedRecord: WireStructure {
    var groupID = ""
    var topics: [TopicPartitions] = []

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&topics)
    }
}

/// A group at rest: its generation, with the members and their assignments when it is stable.
struct GroupRecord: WireStructure {
    var groupID = ""
    var generation: Int32 = 0
    var protocolType: String?
    var protocolName: String?
    var leaderID: String?
    var members: [Member] = []

    struct Member: WireStructure {
        var memberID = ""
        var instanceID: String?
        var clientID = ""
        var clientHost = ""
        var sessionTimeoutMilliseconds: Int32 = 0
        var rebalanceTimeoutMilliseconds: Int32 = 0
        var protocols: [GroupProtocol] = []
        var assignment = Opaque()

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&memberID)
            try io.field(&instanceID)
            try io.field(&clientID)
            try io.field(&clientHost)
            try io.field(&sessionTimeoutMilliseconds)
            try io.field(&rebalanceTimeoutMilliseconds)
            try io.field(&protocols)
            try io.field(&assignment)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&generation)
        try io.field(&protocolType)
        try io.field(&protocolName)
        try io.field(&leaderID)
        try io.field(&members)
    }
}

struct GroupDeletedRecord: WireStructure {
    var groupID = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
    }
}

/// A transactional id that has not been used for long is given up.
struct TransactionDeletedRecord: WireStructure {
    var transactionalID = ""

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&transactionalID)
    }
}

/// A group was first seen without members.
struct GroupEmptiedRecord: WireStructure {
    var groupID = ""
    /// Milliseconds since 1970.
    var since: Int64 = 0

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&groupID)
        try io.field(&since)
    }
}

/// Where a committed transaction began in each of its partitions; follows the decision.
struct CommittedRecord: WireStructure {
    var producerID: Int64 = -1
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
        /// Offset of the first record; -1 when what was committed there is not to be known any more.
        var begin: Int64 = -1

        mutating func describe<IO: WireIO>(_ io: inout IO) throws {
            try io.field(&index)
            try io.field(&begin)
        }
    }

    mutating func describe<IO: WireIO>(_ io: inout IO) throws {
        try io.field(&producerID)
        try io.field(&topics)
    }
}
