// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Logging
import NIOCore
package import Operations
package import Routing
import RoutingRules
import ServiceLifecycle
package import Serving
import Synchronization

/// Turns answered requests into prediction events, off the requests' path, within bounds.
package final class PredictionReports: AnswerReports, Service {
    static let capacity = 4096
    static let capacityBytes = 32 * 1024 * 1024
    /// A larger request makes an event that a broker with default settings would refuse; its rows are left out.
    static let maximumRequestBytes = 512 * 1024

    private enum Item: Sendable {
        case answer(AnsweredRequest, number: Int64)
        /// Finished when all that came before has been handed over.
        case barrier(AsyncStream<Void>.Continuation)
    }

    private struct State {
        var numbers: AnswerNumbers
        var queuedBytes = 0
    }

    private let queue: AsyncStream<Item>
    private let entrance: AsyncStream<Item>.Continuation
    /// Guards numbering and queueing together, so that numbers ascend in the queue.
    private let state: Mutex<State>
    private let usage: ServingMeter
    private let sink: any EventSink
    private let topic: String
    private let source: String
    private let router: RouterID
    private let written: Counter
    private let dropped: Counter
    private let logger: Logger

    /// Reports to a topic, on behalf of one run of a router.
    package init(
        usage: ServingMeter, sink: any EventSink, topic: String, source: String, router: RouterID, metrics: Metrics,
        logger: Logger
    ) {
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
        state = Mutex(State(numbers: AnswerNumbers(router)))
        self.usage = usage
        self.sink = sink
        self.topic = topic
        self.source = source
        self.router = router
        self.logger = logger
        written = metrics.counter("relay_predictions_published_total", help: "Prediction events handed to Kafka.")
        dropped = metrics.counter(
            "relay_predictions_dropped_total", help: "Answered requests without a prediction event.")
    }

    /// Takes an answer.
    package func report(_ answer: AnsweredRequest) {
        let baton = answer.release.baton
        usage.answered(of: baton, movedBytes: answer.movedBytes)
        let hasRoom = state.withLock { state in
            var answer = answer
            let (number, at) = state.numbers.number(answer.release, at: answer.at)
            answer.at = at
            if answer.request.readableBytes > Self.maximumRequestBytes
                || state.queuedBytes + answer.movedBytes > Self.capacityBytes
            {
                answer.abridge()
            }
            guard case .enqueued = entrance.yield(.answer(answer, number: number)) else {
                state.numbers.drop(of: baton)
                return false
            }
            state.queuedBytes += answer.movedBytes
            return true
        }
        if !hasRoom { drop("the queue is full") }
    }

    /// Makes the marks that are due, and returns once all answers that they count have been handed over.
    package func marks(
        of serving: [(release: ReleaseRecord, since: Timestamp)], at now: Timestamp
    ) async -> [RouterMark] {
        let (passed, pass) = AsyncStream<Void>.makeStream()
        let marks: [RouterMark]? = state.withLock { state in
            guard case .enqueued = entrance.yield(.barrier(pass)) else { return nil }
            for (release, since) in serving { state.numbers.serves(release, since: since) }
            return state.numbers.cut(at: now)
        }
        // No room in the queue, or its end: the next marks count what these would have.
        guard let marks else { return [] }
        for await _ in passed {}
        return marks
    }

    /// How far the router came, once `run` has ended.
    package func lastMarks(at now: Timestamp) -> [RouterMark] { state.withLock { $0.numbers.end(at: now) } }

    /// Writes events until the process shuts down, what was queued by then included.
    package func run() async throws {
        await withGracefulShutdownHandler {
            for await item in queue {
                switch item {
                case .answer(let answer, let number):
                    state.withLock { $0.queuedBytes -= answer.movedBytes }
                    publish(answer, number)
                case .barrier(let pass): pass.finish()
                }
            }
        } onGracefulShutdown: {
            self.finish()
        }
    }

    /// Takes no more; `run` ends when it has written what is queued.
    package func finish() { entrance.finish() }

    private func publish(_ answer: AnsweredRequest, _ number: Int64) {
        var prediction = Prediction(answer)
        (prediction.router, prediction.number) = (router, number)
        // The event is named by the router's id: clients may use one of theirs twice.
        let event = prediction.event(id: answer.id, source: source, subject: prediction.model, time: answer.at)
        do {
            try sink.enqueue(event, topic: topic, key: prediction.model)
            written.add()
        } catch {
            state.withLock { $0.numbers.drop(of: prediction.baton) }
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
