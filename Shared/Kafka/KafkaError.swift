// SPDX-License-Identifier: Apache-2.0

/// Why an operation on Kafka failed, and what its caller has to do.
public struct KafkaError: Error, Sendable, Equatable {
    /// What went wrong, in terms that a caller decides on.
    public var code: Code
    /// What was being done, for instance "commit the transaction".
    public var operation: String
    /// The reason, from librdkafka or the broker.
    public var message: String
    /// librdkafka's name of the error, for instance `_TRANSPORT`; empty when this library raised it.
    public var nativeName: String
    /// The same call may succeed later.
    public var isRetriable: Bool
    /// The transaction did not happen: rewind to the committed offsets and begin again.
    ///
    /// `TransactionalProducer` has already aborted it when it throws such an error.
    public var requiresAbort: Bool
    /// The client that threw it is of no more use: close it; whoever supervises the process makes a new one.
    public var isFatal: Bool

    /// Makes an error.
    public init(
        code: Code, operation: String, message: String, nativeName: String = "", isRetriable: Bool = false,
        requiresAbort: Bool = false, isFatal: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.message = message
        self.nativeName = nativeName
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
        self.isFatal = isFatal
    }
}

extension KafkaError {
    /// The kinds of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// No broker could be reached, or a connection broke.
        case transport
        /// No answer in time.
        case timedOut
        /// The bounded queue of the client is full.
        case queueFull
        /// The record is larger than client or broker accept.
        case messageTooLarge
        /// Topic or partition does not exist (yet).
        case unknownTopicOrPartition
        /// The topic exists already.
        case topicAlreadyExists
        /// The broker knows who asks and refuses.
        case notAuthorised
        /// The brokers check nobody's access, so there are no rules about it.
        case securityDisabled
        /// The broker does not accept the credentials, or TLS failed.
        case authenticationFailed
        /// Another client with the same transactional or group instance id has taken over.
        case fenced
        /// The group moved on: the generation or member id is no longer valid.
        case membershipLost
        /// The group's or transaction's coordinator is loading, moving or unknown.
        case coordinatorUnavailable
        /// The call does not fit the state of the transaction or of the client.
        case invalidState
        /// It cannot be known whether the transaction was committed.
        case outcomeUnknown
        /// A property, name or argument is wrong.
        case invalidConfiguration
        /// The broker refuses the record.
        case invalidRecord
        /// What is stored at the offset is damaged; reading does not get past it.
        case corrupted
        /// The offset is outside what the partition keeps.
        case offsetOutOfRange
        /// Broker or client do not support the request.
        case unsupported
        /// The client is closed.
        case closed
        /// Sequence numbers were lost: records may be missing or doubled.
        case sequenceLost
        /// Anything else; `nativeName` says what.
        case other
    }
}

extension KafkaError: CustomStringConvertible {
    /// One sentence: what failed, why, and what to do.
    public var description: String {
        let name = nativeName.isEmpty ? "" : " (\(nativeName))"
        return "Could not \(operation): \(message)\(name). \(advice)"
    }

    /// What to do about it.
    public var advice: String {
        if isFatal { return "This client cannot go on: close it and start anew. \(code.advice)" }
        if requiresAbort { return "The transaction was not committed: rewind to the committed offsets and repeat." }
        return code.advice
    }
}

extension KafkaError.Code {
    var advice: String {
        switch self {
        case .transport, .coordinatorUnavailable: "It is retried; check that the brokers run and can be reached."
        case .timedOut: "Try again; check the brokers' load and reachability if it stays."
        case .queueFull: "Send more slowly, or wait for acknowledgements."
        case .messageTooLarge: "Send less in one record, or raise message.max.bytes on client, topic and broker."
        case .unknownTopicOrPartition: "Create the topic, or correct its name."
        case .topicAlreadyExists: "Use the topic that is there."
        case .notAuthorised: "Grant this client's principal the access."
        case .securityDisabled: "Give the brokers an authorizer, or leave the rules out."
        case .authenticationFailed: "Check the TLS and SASL properties."
        case .fenced: "Give every live instance an id of its own."
        case .membershipLost: "Poll again to rejoin the group."
        case .invalidState: "Call in the order that the client's documentation gives."
        case .outcomeUnknown: "Read the committed offsets before repeating anything."
        case .invalidConfiguration: "Correct the value."
        case .invalidRecord: "Correct the record."
        case .corrupted:
            "Look after the broker's device; then restore the record, or have the broker set the damaged bytes aside."
        case .offsetOutOfRange: "Start from an offset that the partition still keeps."
        case .unsupported: "Use a broker of version 2.5 or newer."
        case .closed: "Make a new client."
        case .sequenceLost: "Compare what was written with what was meant to be."
        case .other: "See the brokers' logs."
        }
    }
}
