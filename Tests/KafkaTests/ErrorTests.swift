// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import Testing

@testable import Kafka

@Suite("Errors")
struct ErrorTests {
    @Test("Each kind of failure says what to do", arguments: KafkaError.Code.allCases)
    func advice(code: KafkaError.Code) {
        let error = KafkaError(code: code, operation: "do it", message: "it broke")
        #expect(error.description.hasPrefix("Could not do it: it broke. "))
        #expect(error.advice.hasSuffix("."))
    }

    @Test(
        "Codes of librdkafka and brokers are sorted by what a caller decides on",
        arguments: [
            (RD_KAFKA_RESP_ERR__TRANSPORT, KafkaError.Code.transport, true),
            (RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, .timedOut, true),
            (RD_KAFKA_RESP_ERR__QUEUE_FULL, .queueFull, true),
            (RD_KAFKA_RESP_ERR_NOT_COORDINATOR, .coordinatorUnavailable, true),
            (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .unknownTopicOrPartition, false),
            (RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, .fenced, false),
            (RD_KAFKA_RESP_ERR_PRODUCER_FENCED, .fenced, false),
            (RD_KAFKA_RESP_ERR__FENCED, .fenced, false),
            (RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, .membershipLost, false),
            (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .messageTooLarge, false),
            (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .notAuthorised, false),
            (RD_KAFKA_RESP_ERR_UNKNOWN, .other, false),
        ])
    func codes(native: rd_kafka_resp_err_t, code: KafkaError.Code, isRetriable: Bool) {
        let error = KafkaError(native, operation: "test")
        #expect(error.code == code)
        #expect(error.isRetriable == isRetriable)
        #expect(!error.isFatal)
    }

    @Test("An error of the transactional API without any flag is fatal")
    func unflaggedIsFatal() throws {
        let native = try #require(relay_rd_kafka_error(RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, "odd"))
        let error = KafkaError(consuming: native, operation: "commit", isTransactional: true)
        #expect(error.isFatal)
        #expect(error.code == .invalidState)
        #expect(error.message == "odd")
        #expect(error.advice.contains("close it"))
    }

    @Test("An error of other calls without any flag is not fatal")
    func unflaggedElsewhere() throws {
        let native = try #require(relay_rd_kafka_error(RD_KAFKA_RESP_ERR_NOT_COORDINATOR, "moved"))
        let error = KafkaError(consuming: native, operation: "seek", isTransactional: false)
        #expect(!error.isFatal)
        #expect(error.isRetriable)
    }
}
