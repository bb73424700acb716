// SPDX-License-Identifier: Apache-2.0

import Logging

/// Clients that live for one closure: closed on every path, also when the body fails or its task is cancelled. What the
/// body throws is what is thrown; closing itself waits and cannot fail.
extension KafkaConfiguration {
    /// Runs `body` with an admin client.
    /// - Throws: `KafkaError` when the client cannot be made; what `body` throws.
    public nonisolated(nonsending) func withAdmin<Value>(
        logger: Logger, _ body: nonisolated(nonsending) (KafkaAdmin) async throws -> Value
    ) async throws -> Value {
        let admin = try KafkaAdmin(self, logger: logger)
        return try await closing({ try await body(admin) }, { _ in await admin.close() })
    }

    /// Runs `body` with a reader of partitions.
    /// - Throws: `KafkaError` when the client cannot be made; what `body` throws.
    public nonisolated(nonsending) func withPartitionReader<Value>(
        logger: Logger, isolationLevel: IsolationLevel = .readCommitted,
        _ body: nonisolated(nonsending) (PartitionReader) async throws -> Value
    ) async throws -> Value {
        let reader = try PartitionReader(self, logger: logger, isolation: isolationLevel)
        return try await closing({ try await body(reader) }, { _ in await reader.close() })
    }

    /// Runs `body` with a producer.
    /// - Parameter flushTimeout: for how long closing waits for what `body` sent and did not await; not at all when
    ///   `body` failed.
    /// - Throws: `KafkaError` when the client cannot be made; what `body` throws.
    public nonisolated(nonsending) func withProducer<Value>(
        logger: Logger, flushTimeout: Duration = .seconds(10),
        _ body: nonisolated(nonsending) (KafkaProducer) async throws -> Value
    ) async throws -> Value {
        let producer = try KafkaProducer(self, logger: logger)
        return try await closing(
            { try await body(producer) },
            { hasFailed in await producer.close(timeout: hasFailed ? .zero : flushTimeout) }
        )
    }
}

/// Runs `body`, then `close`, which hears whether `body` failed.
private nonisolated(nonsending) func closing<Value>(
    _ body: nonisolated(nonsending) () async throws -> Value, _ close: nonisolated(nonsending) (Bool) async -> Void
) async throws -> Value {
    do {
        let value = try await body()
        await close(false)
        return value
    } catch {
        await close(true)
        throw error
    }
}
