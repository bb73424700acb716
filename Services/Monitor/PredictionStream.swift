// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations

/// Reads a model's predictions from a moment on.
struct PredictionStream: Sendable {
    /// Clocks of machines differ: reading begins this much before the moment, and what is older is left out.
    static let clockSkew = Duration.seconds(2)

    /// A record of the model that was read.
    enum Item: Sendable {
        case prediction(Prediction)
        /// It could not be read, for this reason.
        case unreadable(String)
    }

    private let reader: PartitionReader
    private let partitions: [TopicPartition]
    private let model: String

    /// - Throws: `KafkaError`.
    init(_ context: ProcessContext, model: String, since: Timestamp) async throws {
        let topic = context.topics.predictions
        let admin = try KafkaAdmin(context.kafka, logger: context.logger)
        let known: [TopicDescription]
        do { known = try await admin.topics() } catch {
            await admin.close()
            throw error
        }
        await admin.close()
        let partitions = known.filter { $0.name == topic }.flatMap(\.topicPartitions)
        reader = try PartitionReader(context.kafka, logger: context.logger)
        self.partitions = partitions
        self.model = model
        do {
            // The ends first: what is written between the two looks is then behind the end, and is read.
            let ends = try await reader.endOffsets(partitions)
            let begin = since.milliseconds - Self.clockSkew.milliseconds
            let starts = try await reader.offsets(atMilliseconds: begin, partitions)
            try await reader.assign(
                Dictionary(uniqueKeysWithValues: partitions.map { ($0, .offset(starts[$0] ?? ends[$0] ?? 0)) }))
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Waits up to `timeout` for more.
    func next(timeout: Duration) async throws -> [Item] {
        items(try await reader.poll(maximum: 1000, timeout: timeout))
    }

    /// Reads on to where the topic ends now.
    func rest(_ each: ([Item]) -> Void) async throws {
        let ends = try await reader.endOffsets(partitions)
        let beginnings = try await reader.beginningOffsets(partitions)
        try await reader.read(until: ends.filter { $0.value > beginnings[$0.key] ?? 0 }) { each(items($0)) }
    }

    func close() async { await reader.close() }

    private func items(_ records: [ConsumerRecord]) -> [Item] {
        records.filter { $0.keyText == model }.map { record in
            do throws(Refusal) {
                return .prediction(try Prediction.read(record.cloudEvent()))
            } catch {
                return .unreadable("\(record.topicPartition) at \(record.offset): \(error)")
            }
        }
    }
}
