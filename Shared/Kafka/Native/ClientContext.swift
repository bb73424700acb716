// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Logging
import Synchronization

/// What librdkafka's callbacks reach through their `opaque` pointer.
///
/// Callbacks come from librdkafka's threads (logs) and from threads that poll (errors, deliveries), at once;
/// all state is under a lock. They only borrow the context: `ClientHandle` says who releases it.
final class ClientContext: Sendable {
    let logger: Logger
    private let firstDeliveryError = Mutex<KafkaError?>(nil)
    private let called = Mutex(Called())
    private let offsetRequests = Atomic(0)
    private let mainThreadID = Atomic<Int32>(0)

    /// What came by callback while messages were taken.
    private struct Called {
        var rebalance: AssignmentChange?
        var isFatal = false
    }

    /// A rebalance as librdkafka tells it.
    struct AssignmentChange: Sendable {
        let isAssignment: Bool
        let partitions: [TopicPartition]
    }

    init(logger: Logger) {
        self.logger = logger
    }

    /// The first delivery that failed since the last call.
    func takeDeliveryError() -> KafkaError? {
        firstDeliveryError.withLock { error in
            defer { error = nil }
            return error
        }
    }

    /// The rebalance that came by callback since the last call; it waits for its answer.
    func takeRebalance() -> AssignmentChange? {
        called.withLock { called in
            defer { called.rebalance = nil }
            return called.rebalance
        }
    }

    /// Whether a fatal error came by callback since the last call.
    func takeFatal() -> Bool {
        called.withLock { called in
            defer { called.isFatal = false }
            return called.isFatal
        }
    }

    /// The client's main thread, as Linux names it; 0 before it has begun.
    var mainThread: Int32 { mainThreadID.load(ordering: .relaxed) }

    /// The client's main thread has begun.
    func mainThreadBegan(_ id: Int32) { mainThreadID.store(id, ordering: .relaxed) }

    /// A transaction begins.
    func beginTransaction() { offsetRequests.store(0, ordering: .relaxed) }

    /// Offsets were sent to the transaction's coordinator.
    func addedOffsets() { offsetRequests.add(1, ordering: .relaxed) }

    /// Whether the coordinator made the last transaction ask again.
    var hadToWait: Bool { offsetRequests.load(ordering: .relaxed) > 1 }

    /// Logs an error that librdkafka recovers from by itself; the fatal ones are thrown, not logged.
    func note(_ error: KafkaError) {
        let isTransport = error.code == .transport || error.code == .timedOut
        logger.log(
            level: isTransport ? .debug : .notice, "kafka client reports an error",
            metadata: ["kafka.error": "\(error.nativeName)", "kafka.reason": "\(error.message)"])
    }

    static func installCallbacks(on conf: OpaquePointer, consumes: Bool, reportsDeliveries: Bool) {
        rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
            guard let client, let context = ClientContext.borrow(rd_kafka_opaque(client)) else { return }
            context.log(level: level, facility: facility, text: text)
        }
        rd_kafka_conf_set_error_cb(conf) { _, code, reason, opaque in
            guard let context = ClientContext.borrow(opaque) else { return }
            let native = rd_kafka_resp_err_t(rawValue: code)
            if native == RD_KAFKA_RESP_ERR__FATAL { context.called.withLock { $0.isFatal = true } }
            context.note(
                KafkaError(native, operation: "stay connected", message: reason.map { String(cString: $0) }))
        }
        if consumes { installRebalanceCallback(on: conf) }
        guard reportsDeliveries else { return }
        rd_kafka_conf_set_dr_msg_cb(conf) { _, message, opaque in
            guard let message, message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR,
                let context = ClientContext.borrow(opaque)
            else { return }
            context.remember(KafkaError(message.pointee.err, operation: "deliver a record of the transaction"))
        }
    }

    private static func installRebalanceCallback(on conf: OpaquePointer) {
        // Not answered here: whoever polls asks its handler first, and the group waits for that.
        rd_kafka_conf_set_rebalance_cb(conf) { _, code, list, opaque in
            guard let context = ClientContext.borrow(opaque) else { return }
            let change = AssignmentChange(
                isAssignment: code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                partitions: list.map { PartitionList.entries(of: $0).map(\.partition) } ?? [])
            context.called.withLock { $0.rebalance = change }
        }
    }

    static func borrow(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }

    private func remember(_ error: KafkaError) {
        firstDeliveryError.withLock { first in
            if first == nil { first = error }
        }
    }

    private func log(level: Int32, facility: UnsafePointer<CChar>?, text: UnsafePointer<CChar>?) {
        guard let text else { return }
        let name = facility.map { String(cString: $0) } ?? ""
        logger.log(
            level: Self.level(syslog: level), "librdkafka",
            metadata: ["kafka.facility": "\(name)", "kafka.reason": "\(String(cString: text))"])
    }

    /// librdkafka calls a refused connection an error, but it reconnects by itself: that is worth a notice at most.
    static func level(syslog level: Int32) -> Logger.Level {
        switch level {
        case ...2: .critical
        case 3, 4: .info
        default: .debug
        }
    }
}
