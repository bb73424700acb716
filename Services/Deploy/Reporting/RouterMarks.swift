// SPDX-License-Identifier: Apache-2.0

package import Baton
import LegRuntime
package import Logging
import Operations
import ServiceLifecycle
import Serving
import Synchronization

/// Writes marks among the predictions twice a second: so many answers has this router given until now.
///
/// Marks are made only when the last ones have arrived. So none pile up while Kafka cannot be reached.
package final class RouterMarks: Service {
    /// Between two marks. A watch ends with the first mark after its period, so it takes this much longer at most.
    static let interval = Duration.milliseconds(500)
    /// How long the last marks of a process that ends may take to arrive.
    static let lastLimit = Duration.seconds(1)

    private let reports: PredictionReports
    private let serving: @Sendable () -> [(release: ReleaseRecord, since: Timestamp)]
    private let send: @Sendable (RouterMark) async throws -> Void
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let isFailing = Mutex(false)

    /// Tells of the router that `reports` is of.
    /// - Parameters:
    ///   - serving: what has traffic now.
    ///   - send: returns when a mark has arrived.
    package init(
        reports: PredictionReports, serving: @escaping @Sendable () -> [(release: ReleaseRecord, since: Timestamp)],
        logger: Logger, now: @escaping @Sendable () -> Timestamp,
        send: @escaping @Sendable (RouterMark) async throws -> Void
    ) {
        self.reports = reports
        self.serving = serving
        self.logger = logger
        self.now = now
        self.send = send
    }

    /// Tells until the process shuts down; by then `reports` has ended.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: Self.interval)
                    await self.tell()
                }
            }
        } catch is CancellationError {
            try Task.checkCancellation()
        }
        let last = reports.lastMarks(at: now())
        if try await within(Self.lastLimit, { await self.tell(last) }) == nil {
            logger.notice("it was not told that this router has ended", metadata: ["reason": "Kafka did not answer"])
        }
    }

    /// Tells how far the router is now.
    func tell() async { await tell(await reports.marks(of: serving(), at: now())) }

    private func tell(_ marks: [RouterMark]) async {
        await withTaskGroup(of: Void.self) { group in
            for mark in marks { group.addTask { await self.tell(mark) } }
        }
    }

    private func tell(_ mark: RouterMark) async {
        do {
            try await send(mark)
            isFailing.withLock { $0 = false }
        } catch is CancellationError {
            // The process ends, and the last marks say more.
        } catch {
            guard
                isFailing.withLock({ failing in
                    defer { failing = true }
                    return !failing
                })
            else { return }
            logger.warning(
                "how far this router is cannot be told; watches will wait for it",
                metadata: ["model": "\(mark.model)", "reason": "\(error)"])
        }
    }
}
