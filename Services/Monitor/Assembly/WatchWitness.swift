// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Logging
import Synchronization
import Watching

/// Tells the time among the predictions of a release, from the end of its period on: so that a watch over routers that
/// are gone ends by the log, too, and not by the clock of who reads it.
final class WatchWitness: Sendable {
    private let plan: WatchPlan
    private let name: RouterID
    private let time: @Sendable () -> Timestamp
    private let write: @Sendable (RouterMark) async throws -> Void
    private let logger: Logger
    private let refused = Mutex<KafkaError?>(nil)

    /// - Parameters:
    ///   - time: the time of day.
    ///   - write: returns when a mark has arrived.
    init(
        _ plan: WatchPlan, instance: String, logger: Logger, time: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable (RouterMark) async throws -> Void
    ) {
        self.plan = plan
        name = RouterID(instance: instance, startedAt: time())
        self.logger = logger
        self.time = time
        self.write = write
    }

    /// Why nothing can be written, once that is known.
    var refusal: KafkaError? { refused.withLock { $0 } }

    /// Writes a mark each second, the next one when the last has arrived, until it is cancelled or refused.
    func run() async throws {
        while time() < plan.until {
            try await Task.sleep(for: min(max(plan.until - time(), .milliseconds(1)), .seconds(1)))
        }
        while true {
            do {
                try await write(
                    RouterMark(
                        model: plan.model, baton: plan.baton, router: name, through: time(), isWitness: true))
            } catch let error as KafkaError where error.code == .notAuthorised {
                logger.warning(
                    "the end of a watch cannot be marked; without a router's mark it ends by the clock",
                    metadata: ["reason": "\(error)"])
                return refused.withLock { $0 = error }
            } catch let error as KafkaError {
                logger.debug("the end of a watch is not marked yet", metadata: ["reason": "\(error)"])
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
