// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
public import Operations

extension KafkaProducer {
    /// Writes a mark behind the predictions of its model, and returns once it is there.
    public func send(_ mark: RouterMark, _ context: ProcessContext) async throws {
        let topic = context.topics.predictions
        let partition = try await partition(of: Array(mark.model.utf8), in: topic)
        _ = try await send(
            mark.record(
                topic: topic, key: mark.key,
                id: "\(mark.router)/\(mark.baton)/\(mark.through.milliseconds)\(mark.isLast ? "/last" : "")",
                source: context.eventSource, subject: "\(mark.baton)", time: mark.through, partition: partition))
    }
}
