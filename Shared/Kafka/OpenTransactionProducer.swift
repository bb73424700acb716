// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Logging

/// A producer whose transaction stays open while others write to the same partitions, so that its records can be put
/// between theirs.
///
/// `TransactionalProducer` is for everything else: it writes a transaction in one go and hides what fails underneath.
/// Here any failure ends the client's use.
public final class OpenTransactionProducer: Sendable {
    private let producer: KafkaProducer
    private let limit: Duration

    /// Connects in the background.
    /// - Parameters:
    ///   - transactionalID: unique among live instances.
    ///   - transactionTimeout: after which the broker aborts a transaction that is still open.
    public init(
        _ configuration: KafkaConfiguration, transactionalID: String, transactionTimeout: Duration, logger: Logger
    ) throws {
        limit = min(transactionTimeout, .seconds(60))
        producer = try KafkaProducer(
            configuration,
            properties: [
                "transactional.id": transactionalID,
                "transaction.timeout.ms": "\(transactionTimeout.wholeMilliseconds)",
                "message.timeout.ms": "\(limit.wholeMilliseconds)",
                "socket.timeout.ms": "\(min(limit, .seconds(10)).wholeMilliseconds)",
                "linger.ms": "0",
            ], logger: logger)
    }

    /// Registers the id: ends what an earlier instance left open and fences it. Once, before the first `begin`.
    public func initialise() async throws {
        let patience = limit
        try await producer.run("initialise transactions") { handle in
            try handle.initialiseTransactions(Patience(handle, patience))
        }
    }

    /// Opens a transaction.
    public func begin() async throws {
        try await producer.run("begin a transaction") { handle in
            try handle.check(
                rd_kafka_begin_transaction(handle.client), "begin a transaction", isTransactional: true)
        }
    }

    /// Writes a record into the open transaction and returns its address once all replicas have it.
    public func send(_ record: ProducerRecord) async throws -> RecordAddress { try await producer.send(record) }

    /// Hands a record over and waits for nothing but room.
    public func enqueue(_ record: ProducerRecord) async throws {
        do {
            try producer.enqueue(record)
        } catch let error as KafkaError where error.code == .queueFull {
            _ = try await producer.send(record)
        }
    }

    /// Ends the transaction; readers of committed records see all of it.
    /// - Throws: when it, or any record, failed.
    public func commit() async throws {
        try await end("commit the transaction", rd_kafka_commit_transaction)
    }

    /// Ends the transaction; readers of committed records see nothing of it.
    public func abort() async throws {
        try await end("abort the transaction", rd_kafka_abort_transaction)
    }

    private func end(
        _ operation: String, _ call: @escaping @Sendable (OpaquePointer?, Int32) -> OpaquePointer?
    ) async throws {
        let deadline = ContinuousClock.now + limit
        // librdkafka would wait for reports that nobody takes while its call has our thread.
        try await producer.run(operation) { [producer] handle in
            producer.settle(until: deadline)
            while true {
                do {
                    return try handle.check(
                        call(handle.client, deadline.remaining.wholeMilliseconds), operation, isTransactional: true)
                } catch let error as KafkaError where error.mayBeRepeated && ContinuousClock.now < deadline {
                    handle.context.note(error)
                    producer.settle(until: .now + .milliseconds(20))
                }
            }
        }
        guard producer.failedDeliveries == 0 else {
            throw KafkaError(
                code: .other, operation: operation, message: "\(producer.failedDeliveries) records were not written",
                isFatal: true)
        }
    }

    /// Frees everything; an open transaction is left for the broker, or the next `initialise`, to abort.
    public func close() async { await producer.close(timeout: .zero) }
}

extension KafkaError {
    fileprivate var mayBeRepeated: Bool { isRetriable && !isFatal && !requiresAbort }
}
