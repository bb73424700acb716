// SPDX-License-Identifier: Apache-2.0

public import Kafka
import ServiceLifecycle

extension KafkaProducer {
    /// Keeps the producer until the process shuts down; what is under way then gets some time.
    /// - Throws: After what the producer cannot go on. Its process ends with that, as with its other clients.
    public func runUntilShutdown(closing timeout: Duration) async throws {
        let ended = await Result { try await cancelWhenGracefulShutdown { try await self.untilFatal() } }
        await close(timeout: timeout)
        do { try ended.get() } catch is CancellationError {}
    }
}
