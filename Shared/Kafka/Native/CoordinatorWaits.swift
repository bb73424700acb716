// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Notices that a coordinator made a transaction wait for the markers of the one before.
///
/// librdkafka asks again without telling anybody (`CONCURRENT_TRANSACTIONS`). But a transaction adds its offsets once:
/// whoever has sent `AddOffsetsToTxn` twice in one was told to wait, or to ask elsewhere.
enum CoordinatorWaits {
    /// Counts in the client's context what is sent.
    static func watch(for conf: OpaquePointer?) {
        rd_kafka_conf_interceptor_add_on_new(
            conf, "relay.waits",
            { client, _, _, _, _ in rd_kafka_interceptor_add_on_request_sent(client, "relay.waits", sent, nil) },
            nil)
    }
}

/// https://kafka.apache.org/protocol.html#protocol_api_keys
private let addOffsetsToTransaction: Int16 = 25

/// Called by librdkafka's broker threads after each request.
private func sent(
    _ client: OpaquePointer?, _ socket: Int32, _ broker: UnsafePointer<CChar>?, _ id: Int32, _ apiKey: Int16,
    _ version: Int16, _ correlation: Int32, _ size: Int, _ opaque: UnsafeMutableRawPointer?
) -> rd_kafka_resp_err_t {
    if apiKey == addOffsetsToTransaction { ClientContext.borrow(rd_kafka_opaque(client))?.addedOffsets() }
    return RD_KAFKA_RESP_ERR_NO_ERROR
}
