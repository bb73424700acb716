// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import Operations
import Watching

/// Reads a model's predictions, and the marks among them, from a moment on.
struct PredictionStream: Sendable {
    /// Clocks of machines differ: reading begins this much before the moment, and what is older is left out.
    static let clockSkew = Duration.seconds(2)
    /// Of what lies before the release no more than this many records of a partition are read.
    static let mostRecordsBefore: Int64 = 20_000

    private let reader: PartitionReader
    private let starts: [TopicPartition: Int64]
    private let model: String

    /// - Throws: `KafkaError`.
    init(_ context: ProcessContext, _ plan: WatchPlan) async throws {
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
        self.model = plan.model
        do {
            starts = try await Self.starts(of: partitions, plan, reader)
            try await reader.assign(starts.mapValues { .offset($0) })
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Where reading begins. It depends on the log alone, so that a watch which is repeated reads the same.
    private static func starts(
        of partitions: [TopicPartition], _ plan: WatchPlan, _ reader: PartitionReader
    ) async throws -> [TopicPartition: Int64] {
        // The ends first: what is written between the looks is then behind the end, and is read.
        let ends = try await reader.endOffsets(partitions)
        func offsets(at moment: Timestamp) async throws -> [TopicPartition: Int64] {
            try await reader.offsets(atMilliseconds: moment.milliseconds - Self.clockSkew.milliseconds, partitions)
        }
        let (before, live) = (try await offsets(at: plan.before), try await offsets(at: plan.liveSince))
        return Dictionary(
            uniqueKeysWithValues: partitions.map { partition in
                let end = ends[partition] ?? 0
                let first = (live[partition] ?? end) - Self.mostRecordsBefore
                return (partition, max(before[partition] ?? end, first))
            })
    }

    /// Waits up to `timeout` for more.
    func next(timeout: Duration) async throws -> [WatchRecord] {
        watched(try await reader.poll(maximum: 1000, timeout: timeout))
    }

    /// Reads on to where partitions end now that have no end by their marks.
    func rest(_ course: inout WatchCourse) async throws {
        let partitions = starts.keys.filter { !course.hasEnd(in: $0.partition) }
        let ends = try await reader.endOffsets(partitions)
        let beginnings = try await reader.beginningOffsets(partitions)
        try await reader.read(until: ends.filter { $0.value > beginnings[$0.key] ?? 0 }) { course.take(watched($0)) }
    }

    /// Where reading began, by partition.
    var beginnings: [Int32: Int64] { Dictionary(starts.map { ($0.key.partition, $0.value) }) { $1 } }

    func close() async { await reader.close() }

    private func watched(_ records: [ConsumerRecord]) -> [WatchRecord] {
        records.compactMap { record in
            guard let content = content(record) else { return nil }
            return WatchRecord(place: .init(partition: record.partition, offset: record.offset), content: content)
        }
    }

    private func content(_ record: ConsumerRecord) -> WatchRecord.Content? {
        guard let key = record.keyText, key == model || isMark(record, key) else { return nil }
        do throws(Refusal) {
            let event = try record.cloudEvent()
            return key == model ? .prediction(try .read(event)) : .mark(try .read(event))
        } catch {
            return .unreadable("\(record.topicPartition) at \(record.offset): \(error)")
        }
    }

    /// Keys are anybody's, types are ours.
    private func isMark(_ record: ConsumerRecord, _ key: String) -> Bool {
        key.hasPrefix(RouterMark.keyPrefix(of: model)) && record.isEvent(RouterMark.eventType)
    }
}
