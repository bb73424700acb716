// SPDX-License-Identifier: Apache-2.0

import Kafka
import Logging
public import Operations
import ServiceLifecycle

/// A reader stood still for longer than its process may wait for it.
public struct ReaderStalled: DiagnosedError {
    let part: String
    let stall: LagWatch.Stall

    /// What was wrong and where.
    public var reason: String {
        "\(part) has committed nothing of \(stall.partition) for \(stall.duration), and \(stall.lag) offsets wait"
    }
    /// What the operator can do.
    public var remedy: String {
        "start the process again: it continues from what is committed. If it comes to the same end, the log says what "
            + "the reader did last; RELAY_STALL_LIMIT says how long it may take"
    }
}

/// Asks the brokers how far behind a group reader is, and tells metrics, readiness and, in the end, the supervisor.
struct LagWatcher: Sendable {
    private let context: ProcessContext
    private let part: String
    private let settings: StallSettings
    private let standings: @Sendable () -> [LagWatch.Standing]

    /// - Parameter standings: How far the reader is in the partitions that it owns now.
    init(
        _ context: ProcessContext, part: String, settings: StallSettings,
        standings: @escaping @Sendable () -> [LagWatch.Standing]
    ) {
        self.context = context
        self.part = part
        self.settings = settings
        self.standings = standings
    }

    /// Watches until the process shuts down or the reader is lost.
    /// - Throws: `ReaderStalled`; `CancellationError`.
    func run() async throws {
        // Nothing to be watched is left when the process shuts down: it has its own deadline then.
        do { try await cancelWhenGracefulShutdown { try await watch() } } catch is CancellationError {
            try Task.checkCancellation()
            try await untilCancelled()
        }
    }

    private func watch() async throws {
        let admin = try KafkaAdmin(context.kafka, logger: context.logger)
        let ended = await Result { try await watch(with: admin) }
        _ = await hasEnded(within: .milliseconds(200)) { await admin.close() }
        try ended.get()
    }

    private func watch(with admin: KafkaAdmin) async throws {
        var watch = LagWatch(settings)
        var topics: Set<String> = []
        var wasStalled = false
        var last = ContinuousClock.now
        while true {
            try await Task.sleep(for: settings.interval)
            let before = standings()
            guard let ends = try await ends(of: before.map(\.partition), admin) else {
                // Who cannot see does not judge.
                last = .now
                continue
            }
            let now = ContinuousClock.now
            // As of after the question, so that what was committed meanwhile counts.
            let verdict = watch.observe(standings(), ends: ends, after: now - last)
            last = now
            topics.formUnion(watch.lag.keys)
            for topic in topics {
                context.metrics.gauge(
                    "relay_consumer_lag_records", help: "Offsets of a topic that wait for this process's readers.",
                    labels: ["topic": topic]
                ).set(Double(watch.lag[topic] ?? 0))
            }
            wasStalled = try tell(verdict, wasStalled)
        }
    }

    private func tell(_ verdict: LagWatch.Verdict, _ wasStalled: Bool) throws -> Bool {
        let name = part + " lag"
        switch verdict {
        case .moving:
            if wasStalled { context.readiness.set(true, for: name, reason: "it moves again") }
            return false
        case .stalled(let stall):
            let reason = ReaderStalled(part: part, stall: stall).reason
            context.readiness.set(false, for: name, reason: reason)
            if !wasStalled { context.logger.warning("a reader stands still", metadata: ["reason": "\(reason)"]) }
            return true
        case .lost(let stall):
            let error = ReaderStalled(part: part, stall: stall)
            context.readiness.set(false, for: name, reason: error.reason)
            throw error
        }
    }

    private func ends(of partitions: [TopicPartition], _ admin: KafkaAdmin) async throws -> [TopicPartition: Int64]? {
        guard !partitions.isEmpty else { return [:] }
        do {
            return try await admin.endOffsets(partitions)
        } catch let error as KafkaError {
            guard error.heals else { throw error }
            context.logger.debug("the lag is not known", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func untilCancelled() async throws {
        for await _ in AsyncStream<Never>.makeStream().stream {}
        throw CancellationError()
    }
}
