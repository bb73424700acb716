// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Turns librdkafka's error codes and error objects into `KafkaError`.
///
/// An error object of the transactional API carries flags: retriable, abort needed, fatal. One without any
/// flag is treated as fatal, as librdkafka's introduction asks ("Transactional Producer", error handling).
extension KafkaError {
    /// For calls that return a bare code.
    init(_ native: rd_kafka_resp_err_t, operation: String, message: String? = nil, isFatal: Bool = false) {
        self.init(
            code: Code(native), operation: operation,
            message: message ?? String(cString: rd_kafka_err2str(native)),
            nativeName: String(cString: rd_kafka_err2name(native)),
            isRetriable: !isFatal && Code.retriable.contains(native.rawValue),
            isFatal: isFatal || native == RD_KAFKA_RESP_ERR__FATAL)
    }

    /// Takes the error object over and destroys it.
    init(consuming native: OpaquePointer, operation: String, isTransactional: Bool) {
        defer { rd_kafka_error_destroy(native) }
        let code = rd_kafka_error_code(native)
        let isRetriable = rd_kafka_error_is_retriable(native) != 0
        let requiresAbort = rd_kafka_error_txn_requires_abort(native) != 0
        let isUnflagged = !isRetriable && !requiresAbort
        let isFatal = rd_kafka_error_is_fatal(native) != 0 || (isTransactional && isUnflagged)
        self.init(
            code: Code(code), operation: operation, message: String(cString: rd_kafka_error_string(native)),
            nativeName: String(cString: rd_kafka_error_name(native)),
            isRetriable: isRetriable || (!isTransactional && Code.retriable.contains(code.rawValue)),
            requiresAbort: requiresAbort, isFatal: isFatal)
    }
}

extension KafkaError.Code {
    init(_ native: rd_kafka_resp_err_t) {
        self = Self.byNativeCode[native.rawValue] ?? .other
    }

    private static let byNativeCode: [Int32: Self] = {
        var table: [Int32: Self] = [:]
        for (code, natives) in nativeCodes {
            for native in natives { table[native.rawValue] = code }
        }
        return table
    }()

    private static let nativeCodes: [(Self, [rd_kafka_resp_err_t])] = [
        (
            .transport,
            [
                RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
                RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
            ]
        ),
        (
            .timedOut,
            [
                RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            ]
        ),
        (.queueFull, [RD_KAFKA_RESP_ERR__QUEUE_FULL]),
        (
            .messageTooLarge,
            [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE]
        ),
        (
            .unknownTopicOrPartition,
            [
                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            ]
        ),
        (.topicAlreadyExists, [RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS]),
        (
            .notAuthorised,
            [
                RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            ]
        ),
        (.securityDisabled, [RD_KAFKA_RESP_ERR_SECURITY_DISABLED]),
        (
            .authenticationFailed,
            [
                RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
                RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
            ]
        ),
        (
            .fenced,
            [
                RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
                RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
            ]
        ),
        (
            .membershipLost,
            [
                RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
                RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
            ]
        ),
        (
            .coordinatorUnavailable,
            [
                RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR__WAIT_COORD,
                RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
            ]
        ),
        (
            .invalidState,
            [
                RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RD_KAFKA_RESP_ERR__CONFLICT,
                RD_KAFKA_RESP_ERR__NOT_CONFIGURED, RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
            ]
        ),
        (
            .invalidConfiguration,
            [
                RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
                RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
                RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
                RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
                RD_KAFKA_RESP_ERR_INVALID_GROUP_ID,
            ]
        ),
        (
            .invalidRecord,
            [
                RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
                RD_KAFKA_RESP_ERR__BAD_MSG,
            ]
        ),
        (
            .offsetOutOfRange,
            [RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET]
        ),
        (
            .unsupported,
            [
                RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
                RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
            ]
        ),
        (
            .closed,
            [
                RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
            ]
        ),
        (
            .sequenceLost,
            [
                RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE,
            ]
        ),
    ]

    /// Bare codes after which the same call may succeed.
    static let retriable: Set<Int32> = {
        let kinds: Set<Self> = [.transport, .timedOut, .queueFull, .coordinatorUnavailable]
        return Set(nativeCodes.filter { kinds.contains($0.0) }.flatMap { $0.1.map(\.rawValue) })
    }()
}
