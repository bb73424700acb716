// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Logging
import Synchronization

/// Hands records to librdkafka and passes delivery reports back.
///
/// Each watched record carries a retained `Promise` as its opaque pointer. It is taken back exactly once: by the
/// delivery report, which librdkafka gives for every accepted record (a purged one too), or here when the record
/// is not accepted. Unwatched records carry null.
///
/// The lock is held over `produce`, which never blocks: so no record is handed to a client after `refuseNew`, and a
/// sender that found the queue full is on the list before the reports that make space are seen.
final class DeliveryDesk: Sendable {
    enum Handed {
        case accepted(Promise<RecordAddress>)
        /// Completed when there may be space again.
        case full(Promise<Void>)
    }

    private struct State {
        var isOpen = true
        var fatal: KafkaError?
        /// Bounded by the number of suspended callers.
        var waiting: [Promise<Void>] = []
        var failed = 0
        var reportedFailed = 0
        var lastReport: ContinuousClock.Instant?

        func checkOpen(_ operation: String) throws {
            if let fatal { throw fatal }
            guard isOpen else { throw KafkaError.closed(operation) }
        }

        mutating func takeWaiting() -> [Promise<Void>] {
            defer { waiting = [] }
            return waiting
        }
    }

    private let state = Mutex(State())
    /// Fails when the client cannot go on.
    let broken = Promise<Void>()

    /// Unwatched records that were lost.
    var failed: Int { state.withLock { $0.failed } }

    func hand(_ record: ProducerRecord, to handle: ClientHandle) throws -> Handed {
        let operation = "write to \(record.topic)"
        return try state.withLock { state in
            try state.checkOpen(operation)
            let delivery = Promise<RecordAddress>()
            let opaque = Unmanaged.passRetained(delivery)
            do {
                try handle.produce(record, opaque: opaque.toOpaque(), operation: operation)
                return .accepted(delivery)
            } catch let error as KafkaError where error.code == .queueFull {
                opaque.release()
                let space = Promise<Void>()
                state.waiting.append(space)
                return .full(space)
            } catch {
                opaque.release()
                throw error
            }
        }
    }

    func handUnwatched(_ record: ProducerRecord, to handle: ClientHandle) throws {
        let operation = "write to \(record.topic)"
        try state.withLock { state in
            try state.checkOpen(operation)
            try handle.produce(record, opaque: nil, operation: operation)
        }
    }

    /// From now on records are refused; those waiting for space are told so.
    func refuseNew() {
        let waiting = state.withLock { state in
            state.isOpen = false
            return state.takeWaiting()
        }
        for promise in waiting { promise.complete(.success(())) }
    }

    /// Waits for one event and deals with it. Called on the client's thread.
    func serve(_ handle: ClientHandle, waitingUpTo timeout: Duration) {
        guard let event = handle.nextEvent(within: timeout) else { return }
        deal(with: event, of: handle)
        // Only now, with the event destroyed, has librdkafka room for more.
        let waiting = state.withLock { $0.takeWaiting() }
        for promise in waiting { promise.complete(.success(())) }
    }

    private func deal(with event: consuming NativeEvent, of handle: ClientHandle) {
        switch event.type {
        case eventDelivery:
            while let message = event.nextMessage() { report(message.pointee, logger: handle.context.logger) }
        case eventError:
            let error = event.error("keep the producer running")
            if error.isFatal {
                state.withLock { $0.fatal = error }
                broken.complete(.failure(error))
            } else {
                handle.context.note(error)
            }
        default: break
        }
    }

    private func report(_ message: rd_kafka_message_t, logger: Logger) {
        let topic = message.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
        let result: Result<RecordAddress, any Error> =
            message.err == RD_KAFKA_RESP_ERR_NO_ERROR
            ? .success(RecordAddress(topic: topic, partition: message.partition, offset: message.offset))
            : .failure(KafkaError(message.err, operation: "write to \(topic)"))
        if let opaque = message._private {
            Unmanaged<Promise<RecordAddress>>.fromOpaque(opaque).takeRetainedValue().complete(result)
        } else if case .failure(let error) = result {
            countLoss(error, logger: logger)
        }
    }

    /// Counts a lost record, and says so at most once a second.
    private func countLoss(_ error: any Error, logger: Logger) {
        let news: Int? = state.withLock { state in
            state.failed += 1
            let now = ContinuousClock.now
            if let last = state.lastReport, now - last < .seconds(1) { return nil }
            state.lastReport = now
            defer { state.reportedFailed = state.failed }
            return state.failed - state.reportedFailed
        }
        guard let news else { return }
        logger.notice(
            "kafka records lost", metadata: ["kafka.records": "\(news)", "kafka.reason": "\(error)"])
    }
}

extension ClientHandle {
    /// Whether records or reports are under way.
    var isSending: Bool { rd_kafka_outq_len(client) > 0 }

    /// Gives up on all records that are not acknowledged; a delivery report comes for each.
    func purge() {
        _ = rd_kafka_purge(client, Int32(RD_KAFKA_PURGE_F_QUEUE) | Int32(RD_KAFKA_PURGE_F_INFLIGHT))
    }
}
