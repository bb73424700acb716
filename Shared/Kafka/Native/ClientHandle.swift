// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Logging
import Synchronization

/// The one owner of a librdkafka client (`rd_kafka_t`) and of its event queue.
///
/// Thread rules: librdkafka's client is thread-safe by its documentation, so the pointers may be used from any
/// thread; by our own rule every call that may block is made on the client's `BlockingThread`.
///
/// Ownership: `context` is retained once for librdkafka, as the `opaque` of every callback, and released after
/// `rd_kafka_destroy_flags` has returned, when librdkafka's threads have ended. Queue before client.
final class ClientHandle: Sendable {
    enum Kind { case producer, groupConsumer, reader, admin }

    private let sharedClient: SharedPointer
    private let sharedQueue: SharedPointer
    let context: ClientContext
    /// Names looked up once; librdkafka would look each record's up again.
    private let topicHandles = Mutex<[String: SharedPointer]>([:])
    let reminder = Mutex(FetchReminder())
    private let isDestroyed = Atomic(false)
    private let closing = Atomic(false)

    /// Valid until `destroy()`.
    var client: OpaquePointer { sharedClient.pointer }
    /// The queue that carries this client's events: the consumer's for consumers, else the main one. Valid until
    /// `destroy()`.
    var queue: OpaquePointer { sharedQueue.pointer }

    /// Whether calls that retry should stop.
    var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// Ends calls that retry, so that closing does not wait for them.
    func beginClosing() { closing.store(true, ordering: .releasing) }

    /// - Parameter events: events to be queued instead of given to callbacks (`RD_KAFKA_EVENT_*`).
    init(_ kind: Kind, _ settings: ClientSettings, events: Int32, logger: Logger, operation: String) throws {
        let conf = try settings.makeNative(operation: operation)
        let context = ClientContext(logger: logger)
        let retained = Unmanaged.passRetained(context)
        rd_kafka_conf_set_opaque(conf, retained.toOpaque())
        rd_kafka_conf_set_events(conf, events)
        MainThread.watch(for: conf)
        if kind == .producer {
            CoordinatorWaits.watch(for: conf)
        }
        ClientContext.installCallbacks(
            on: conf, consumes: kind == .groupConsumer || kind == .reader,
            reportsDeliveries: kind == .producer && events & eventDelivery == 0)

        var reason = [CChar](repeating: 0, count: 512)
        let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        guard let client = rd_kafka_new(type, conf, &reason, reason.count) else {
            // On failure librdkafka leaves the configuration with us.
            let code = rd_kafka_last_error()
            rd_kafka_conf_destroy(conf)
            retained.release()
            throw KafkaError(code, operation: operation, message: string(fromBuffer: reason))
        }
        switch kind {
        case .producer, .admin:
            sharedQueue = SharedPointer(rd_kafka_queue_get_main(client))
        case .groupConsumer, .reader:
            rd_kafka_poll_set_consumer(client)
            guard let queue = rd_kafka_queue_get_consumer(client) else {
                rd_kafka_destroy(client)
                retained.release()
                throw KafkaError(code: .invalidConfiguration, operation: operation, message: "no group id is set")
            }
            sharedQueue = SharedPointer(queue)
        }
        sharedClient = SharedPointer(client)
        self.context = context
    }

    /// Frees everything. Blocks until librdkafka's threads have ended. No call may be under way or follow.
    func destroy() {
        guard !isDestroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        topicHandles.withLock { topics in
            for topic in topics.values { rd_kafka_topic_destroy(topic.pointer) }
            topics = [:]
        }
        rd_kafka_queue_destroy(queue)
        // A consumer that wants to leave its group was closed before; destroying must never wait for a rebalance.
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        Unmanaged.passUnretained(context).release()
    }

    deinit { destroy() }

    /// The topic's object in this client, valid until `destroy()`. It has the client's partitioner.
    func topicHandle(_ name: String) throws -> OpaquePointer {
        try topicHandles.withLock { topics in
            if let known = topics[name] { return known.pointer }
            guard let made = rd_kafka_topic_new(client, name, nil) else {
                throw KafkaError(rd_kafka_last_error(), operation: "write to \(name)")
            }
            topics[name] = SharedPointer(made)
            return made
        }
    }

    /// Ends a wait in `nextEvent`. The request is kept until the next wait.
    func yield() { rd_kafka_queue_yield(queue) }

    /// Waits for the next event.
    func nextEvent(within timeout: Duration) -> NativeEvent? {
        NativeEvent(rd_kafka_queue_poll(queue, timeout.wholeMilliseconds))
    }

    /// The error that made this client useless, if there is one.
    func fatalFailure(_ operation: String) -> KafkaError? {
        var reason = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(client, &reason, reason.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, operation: operation, message: string(fromBuffer: reason), isFatal: true)
    }

    /// Throws when librdkafka returned an error code; a fatal one is replaced by what was behind it.
    func check(_ code: rd_kafka_resp_err_t, _ operation: String) throws {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        if let fatal = fatalFailure(operation) { throw fatal }
        throw KafkaError(code, operation: operation)
    }

    /// Throws when librdkafka returned an error object, and destroys it.
    func check(_ error: OpaquePointer?, _ operation: String, isTransactional: Bool = false) throws {
        guard let error else { return }
        let failure = KafkaError(consuming: error, operation: operation, isTransactional: isTransactional)
        if let cause = fatalFailure(operation) { throw cause }
        throw failure
    }
}

extension Duration {
    /// Milliseconds as C wants them: rounded up, so that a short wait is not a busy one; never negative.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds < Int64(Int32.max / 1000) else { return Int32.max }
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }
}
