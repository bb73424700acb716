// SPDX-License-Identifier: Apache-2.0

package import Baton
import LegRuntime
package import Logging
import ServiceLifecycle
package import Serving
import Synchronization

/// Publishes what serving consumed, at intervals, while there is something to tell.
package final class UsageReports: Service {
    private let meter: ServingMeter
    private let sink: any EventSink
    private let topic: String
    private let source: String
    private let instance: String
    private let interval: Duration
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    /// Names this run of the instance, so that no id is used twice.
    private let start: Timestamp
    private let sequence = Mutex(0)

    /// Publishes what a meter has counted.
    package init(
        meter: ServingMeter, sink: any EventSink, topic: String, source: String, instance: String, interval: Duration,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.meter = meter
        self.sink = sink
        self.topic = topic
        self.source = source
        self.instance = instance
        self.interval = interval
        self.now = now
        self.logger = logger
        start = now()
    }

    /// Publishes until the process shuts down, then once more.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: self.interval)
                    self.flush()
                }
            }
        } catch is CancellationError {
            flush()
        }
    }

    /// Publishes what was used since the last time; what finds no room stays for the next.
    func flush() {
        for (baton, amounts) in meter.take() {
            for (resource, amount) in amounts {
                do {
                    try publish(amount, of: resource, for: baton)
                } catch {
                    meter.putBack(amount, of: resource, for: baton)
                    logger.with(.about(baton, trace: nil, leg: .deploy)).warning(
                        "usage could not be published and waits", metadata: ["reason": "\(error)"])
                }
            }
        }
    }

    private func publish(_ amount: Double, of resource: Usage.Resource, for baton: BatonID) throws {
        let number = sequence.withLock { sequence in
            sequence += 1
            return sequence
        }
        let id = "\(instance)/\(start.milliseconds)/\(number)"
        let usage = Usage(id: id, resource: resource, amount: amount, baton: baton, leg: .deploy, measuredAt: now())
        let event = usage.event(id: id, source: source, subject: "\(baton)", time: usage.measuredAt)
        try sink.enqueue(event, topic: topic, key: "\(baton)")
    }
}
