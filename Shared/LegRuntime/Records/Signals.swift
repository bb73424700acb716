// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
import Logging
public import Operations

extension KafkaProducer {
    /// Queues a signal for people. One that cannot be queued is lost, and the log says so.
    /// - Parameters:
    ///   - key: of what the signals must stay in their order: a model, a baton.
    ///   - leg: whose process says it.
    public func tell(_ signal: Signal, key: String, leg: Leg, _ context: ProcessContext) {
        let baton = signal.baton.map(\.description)
        do {
            try enqueue(
                signal.record(
                    topic: context.topics.signals, key: key, id: "\(baton ?? "")/\(signal.name)/\(signal.at)",
                    source: context.eventSource, subject: baton, time: signal.at))
        } catch {
            let about = signal.baton.map { Logger.Metadata.about($0, trace: nil, leg: leg) } ?? [:]
            context.logger.with(about).warning(
                "a signal is not told", metadata: ["signal": "\(signal.name)", "error": "\(error)"])
        }
    }
}
