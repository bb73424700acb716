// SPDX-License-Identifier: Apache-2.0

/// The protocol's error codes that this broker answers with.
struct ErrorCode: RawRepresentable, WireValue, Hashable, Error {
    var rawValue: Int16

    init(rawValue: Int16) { self.rawValue = rawValue }
    init() { rawValue = 0 }

    mutating func transfer<IO: WireIO>(through io: inout IO) throws { try io.integer(&rawValue) }

    static let unknownServerError = ErrorCode(rawValue: -1)
    static let none = ErrorCode(rawValue: 0)
    static let offsetOutOfRange = ErrorCode(rawValue: 1)
    static let corruptMessage = ErrorCode(rawValue: 2)
    static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
    static let messageTooLarge = ErrorCode(rawValue: 10)
    static let offsetMetadataTooLarge = ErrorCode(rawValue: 12)
    static let notCoordinator = ErrorCode(rawValue: 16)
    static let invalidTopic = ErrorCode(rawValue: 17)
    static let recordListTooLarge = ErrorCode(rawValue: 18)
    static let invalidRequiredAcks = ErrorCode(rawValue: 21)
    static let illegalGeneration = ErrorCode(rawValue: 22)
    static let inconsistentGroupProtocol = ErrorCode(rawValue: 23)
    static let invalidGroupID = ErrorCode(rawValue: 24)
    static let unknownMemberID = ErrorCode(rawValue: 25)
    static let invalidSessionTimeout = ErrorCode(rawValue: 26)
    static let rebalanceInProgress = ErrorCode(rawValue: 27)
    static let unsupportedVersion = ErrorCode(rawValue: 35)
    static let topicAlreadyExists = ErrorCode(rawValue: 36)
    static let invalidPartitions = ErrorCode(rawValue: 37)
    static let invalidReplicationFactor = ErrorCode(rawValue: 38)
    static let invalidReplicaAssignment = ErrorCode(rawValue: 39)
    static let invalidConfig = ErrorCode(rawValue: 40)
    static let invalidRequest = ErrorCode(rawValue: 42)
    static let unsupportedForMessageFormat = ErrorCode(rawValue: 43)
    static let outOfOrderSequenceNumber = ErrorCode(rawValue: 45)
    static let duplicateSequenceNumber = ErrorCode(rawValue: 46)
    static let invalidProducerEpoch = ErrorCode(rawValue: 47)
    static let invalidTransactionState = ErrorCode(rawValue: 48)
    static let invalidProducerIDMapping = ErrorCode(rawValue: 49)
    static let invalidTransactionTimeout = ErrorCode(rawValue: 50)
    static let concurrentTransactions = ErrorCode(rawValue: 51)
    static let securityDisabled = ErrorCode(rawValue: 54)
    static let operationNotAttempted = ErrorCode(rawValue: 55)
    static let storageError = ErrorCode(rawValue: 56)
    static let nonEmptyGroup = ErrorCode(rawValue: 68)
    static let groupIDNotFound = ErrorCode(rawValue: 69)
    static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    static let memberIDRequired = ErrorCode(rawValue: 79)
    static let groupMaximumSizeReached = ErrorCode(rawValue: 81)
    static let fencedInstanceID = ErrorCode(rawValue: 82)
    static let electionNotNeeded = ErrorCode(rawValue: 84)
    static let noReassignmentInProgress = ErrorCode(rawValue: 85)
    static let groupSubscribedToTopic = ErrorCode(rawValue: 86)
    static let invalidRecord = ErrorCode(rawValue: 87)
    static let unstableOffsetCommit = ErrorCode(rawValue: 88)
    static let producerFenced = ErrorCode(rawValue: 90)
    static let resourceNotFound = ErrorCode(rawValue: 91)
    static let unknownTopicID = ErrorCode(rawValue: 100)

    static let brokerIDNotRegistered = ErrorCode(rawValue: 102)

    /// What a coordinator answers. As in Kafka, one that cannot write is none: clients look for it and ask again, which
    /// they do not when they hear of its disk.
    var ofCoordinator: ErrorCode { self == .storageError ? .notCoordinator : self }
    static let transactionalIDNotFound = ErrorCode(rawValue: 105)
}
