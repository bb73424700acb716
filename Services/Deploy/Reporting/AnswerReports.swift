// SPDX-License-Identifier: Apache-2.0

import Baton
import Logging
import NIOCore
import OpenInference
import Operations
import ServiceLifecycle
import Synchronization

/// Where answered requests go. Never blocks and never fails: traffic comes before its records.
protocol AnswerReports: Sendable {
    func report(_ answer: AnsweredRequest)
}

/// Where events go. Never blocks.
protocol EventSink: Sendable {
    /// - Throws: when there is no room, or the way out is gone.
    func enqueue(_ event: CloudEvent, topic: String, key: String) throws
}

/// Turns answered requests into prediction events, off the requests' path, within bounds.
final class PredictionReports: AnswerReports, Service {
    static let capacity = 4096
    static let capacityBytes = 32 * 1024 * 1024
    /// A larger request makes an event that a broker with default settings would refuse.
    static let maximumRequestBytes = 512 * 1024

    private let queue: AsyncStream<AnsweredRequest>
    private let entrance: AsyncStream<AnsweredRequest>.Continuation
    private let queuedBytes = Mutex(0)
    private let usage: UsageMeter
    private let sink: any EventSink
    private let topic: String
    private let source: String
    private let written: Counter
    private let dropped: Counter
    private let logger: Logger

    init(usage: UsageMeter, sink: any EventSink, topic: String, source: String, metrics: Metrics, logger: Logger) {
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
        self.usage = usage
        self.sink = sink
        self.topic = topic
        self.source = source
        self.logger = logger
        written = metrics.counter("relay_predictions_published_total", help: "Prediction events handed to Kafka.")
        dropped = metrics.counter(
            "relay_predictions_dropped_total", help: "Answered requests without a prediction event.")
    }

    func report(_ answer: AnsweredRequest) {
        usage.answered(of: answer.release.baton, movedBytes: answer.movedBytes)
        let bytes = answer.movedBytes
        let fits = queuedBytes.withLock { queued in
            guard answer.request.readableBytes <= Self.maximumRequestBytes, queued + bytes <= Self.capacityBytes
            else { return false }
            queued += bytes
            return true
        }
        guard fits else { return drop("the queue or the request is too large") }
        guard case .enqueued = entrance.yield(answer) else {
            queuedBytes.withLock { $0 -= bytes }
            return drop("the queue is full")
        }
    }

    /// Writes events until the process shuts down, what was queued by then included.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await answer in queue {
                queuedBytes.withLock { $0 -= answer.movedBytes }
                publish(answer)
            }
        } onGracefulShutdown: {
            self.finish()
        }
    }

    /// Takes no more; `run` ends when it has written what is queued.
    func finish() { entrance.finish() }

    private func publish(_ answer: AnsweredRequest) {
        let prediction = Prediction(answer)
        // An id of the client's own may come twice; the router's never does.
        let event = prediction.event(id: answer.id, source: source, subject: prediction.model, time: answer.at)
        do {
            try sink.enqueue(event, topic: topic, key: prediction.model)
            written.add()
        } catch {
            drop("\(error)")
        }
    }

    private func drop(_ reason: String) {
        dropped.add()
        // Every thousandth is logged: under overload the log must not become the next bottleneck.
        let count = Int(dropped.value)
        guard count == 1 || count.isMultiple(of: 1000) else { return }
        logger.warning(
            "prediction events were dropped", metadata: ["dropped": "\(count)", "reason": "\(reason)"])
    }
}

extension Prediction {
    init(_ answer: AnsweredRequest) {
        let request = try? InferenceRequest(json: answer.request.readableBytesView)
        let response = answer.status == 200 ? try? InferenceResponse(json: answer.response.readableBytesView) : nil
        self.init(
            id: request?.id ?? answer.id, model: answer.release.model, baton: answer.release.baton,
            artifact: answer.release.manifest.artifact.digest, lane: answer.lane, status: answer.status,
            rows: response == nil ? [] : request?.rows ?? [],
            outputs: response?.outputs.first?.data.numbers ?? [], latencyMilliseconds: answer.latency.seconds * 1000,
            at: answer.at)
    }
}

extension InferenceRequest {
    /// The rows of the only input, nil for a missing value; empty when the input is no table of numbers.
    var rows: [[Double?]] {
        guard let input = inputs.first, input.shape.count == 2, let numbers = input.data.numbers else { return [] }
        let width = input.shape[1]
        return (0..<input.shape[0]).map { row in
            numbers[row * width..<(row + 1) * width].map { $0.isNaN ? nil : $0 }
        }
    }
}
