// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Synchronization

/// Sends the spans of a process to a collector: OTLP over HTTP, as JSON.
///
/// Spans gather for a moment and go in batches, one after another. A collector that is away or busy is tried again for
/// a while; then the batch is counted as lost, because the newest spans are worth more than the oldest.
struct TraceExporter: Service {
    /// How long and how often.
    struct Timing: Sendable {
        /// How long spans gather once one has come.
        var gathering = Duration.seconds(1)
        /// Before the first second try; doubles with each.
        var firstPause = Duration.milliseconds(500)
        /// The longest pause, also when the collector asks for a longer one.
        var longestPause = Duration.seconds(30)
        /// How much pausing one batch is worth.
        var patience = Duration.seconds(60)
        var spansPerRequest = 512
    }

    /// Sends a body; bounded in time.
    typealias Transport = @Sendable ([UInt8]) async throws -> HTTPClient.Response

    let traces: Traces
    let resource: [String: String]
    let health: ExportHealth
    let transport: Transport
    var timing = Timing()
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    private let exported: Counter
    private let lost: Counter

    init(
        _ traces: Traces, resource: [String: String], metrics: Metrics, logger: Logger, transport: @escaping Transport
    ) {
        self.traces = traces
        self.resource = resource
        self.transport = transport
        health = ExportHealth(logger: logger)
        exported = metrics.counter("relay_spans_total", help: Self.help, labels: ["outcome": "exported"])
        lost = metrics.counter("relay_spans_total", help: Self.help, labels: ["outcome": "refused"])
        metrics.observe("relay_spans_total", help: Self.help, labels: ["outcome": "dropped"], grows: true) {
            Double(traces.lost)
        }
        metrics.observe("relay_spans_waiting", help: "Spans that wait to be exported.") { Double(traces.waiting) }
    }

    private static let help =
        "Spans, by what became of them: exported; refused by the collector or not taken; dropped for want of room."

    /// Exports until the process shuts down, and then what is left.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                for await _ in traces.arrivals {
                    try await pause(timing.gathering)
                    while try await exportBatch() {}
                }
            }
        } catch is CancellationError {}
        // A collector that does not answer would only delay the end of the process.
        do { while health.isGood, try await flushBatch() {} } catch is CancellationError {}
    }

    /// Exports what has waited longest.
    /// - Returns: Whether there was anything.
    func exportBatch() async throws -> Bool {
        let batch = traces.first(timing.spansPerRequest)
        guard !batch.isEmpty else { return false }
        var next = timing.firstPause
        var paused = Duration.zero
        while true {
            guard case .later(let reason, let asked) = try await send(batch) else { return true }
            let length = min(max(asked ?? .zero, next), timing.longestPause)
            guard paused + length <= timing.patience else {
                settle(batch, refused: batch.count, because: reason)
                return true
            }
            health.failed(reason)
            try await pause(length)
            paused += length
            next = min(next * 2, timing.longestPause)
        }
    }

    /// Exports what has waited longest, without a second try.
    /// - Returns: Whether there may be more.
    private func flushBatch() async throws -> Bool {
        let batch = traces.first(timing.spansPerRequest)
        guard !batch.isEmpty else { return false }
        guard case .later(let reason, _) = try await send(batch) else { return true }
        settle(batch, refused: batch.count, because: reason)
        return false
    }

    private enum Verdict {
        /// There is nothing more to do about the batch.
        case settled
        /// It may be taken after a while; the collector may have said after which.
        case later(String, Duration?)
    }

    /// - Throws: `CancellationError`, and then nothing is known of the batch.
    private func send(_ batch: [Span]) async throws -> Verdict {
        do {
            let response = try await transport(try TraceRequest(batch, resource: resource).body())
            switch response.status {
            case 200..<300:
                let answer = TraceAnswer.read(response.body)
                settle(batch, refused: answer?.rejectedSpans ?? 0, because: answer?.errorMessage ?? "")
                return .settled
            // What OTLP calls retryable; anything else would be answered the same again.
            case 429, 502, 503, 504:
                let seconds = response.headers["retry-after"].flatMap { Int64($0) }
                return .later("the answer is \(response.status)", seconds.map { .seconds(max(0, $0)) })
            default:
                let said = response.text.prefix(200)
                settle(batch, refused: batch.count, because: "the answer is \(response.status): \(said)")
                return .settled
            }
        } catch {
            try Task.checkCancellation()
            return .later(inPlainWords(error), nil)
        }
    }

    private func settle(_ batch: [Span], refused: Int, because reason: String) {
        traces.remove(batch.count)
        let refused = min(max(0, refused), batch.count)
        exported.add(Double(batch.count - refused))
        lost.add(Double(refused))
        if refused > 0 { health.failed("\(refused) spans were refused: \(reason)") } else { health.succeeded() }
    }
}

/// Says once when exporting begins to fail, and once when it works again.
final class ExportHealth: Sendable {
    private let good = Mutex(true)
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var isGood: Bool { good.withLock { $0 } }

    func failed(_ reason: String) {
        guard replace(with: false) else { return }
        logger.warning(
            "traces are not exported", metadata: ["reason": "\(reason)", "remedy": "look at RELAY_TRACES_ENDPOINT"])
    }

    func succeeded() {
        if replace(with: true) { logger.notice("traces are exported again") }
    }

    private func replace(with isGood: Bool) -> Bool {
        good.withLock { good in
            defer { good = isGood }
            return good != isGood
        }
    }
}
