// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import RelayClients

/// Writes the records of a backup into topics that are empty.
///
/// Each partition goes its own way until it has to wait for the end of a transaction; then it is looked where each one
/// ends, for markers may be written after an end is answered, and the next record must be behind them.
struct RestoreWriting {
    /// Brokers allow 15 minutes unless they are told otherwise.
    private static let transactionTimeout = Duration.seconds(600)
    /// After this a transaction is ended as soon as the partitions are at holes.
    private static let transactionLength = Duration.seconds(60)

    let access: KafkaAccess
    let manifest: BackupManifest
    let directory: String
    let show: @Sendable (_ records: Int) -> Void

    func run(_ admin: KafkaAdmin) async throws {
        var courses = try manifest.places.map { topic, partition, id in
            let file = try RecordFileReader("\(directory)/\(partition.file)")
            let layout = try OffsetLayout(
                // What is only compacted cannot be told to begin anywhere.
                begin: topic.isDeletable ? partition.begin : 0, end: partition.end, records: partition.records,
                keepsOffsets: topic.keepsOffsets, read: file.next)
            return PartitionRestore(id: id, course: RestoreCourse(layout))
        }
        let clients = try RestoreClients(access, Self.transactionTimeout)
        do {
            try await fill(courses, clients, admin)
            try await clients.fillers.initialise()
            let written = RestoreCount(show)
            while !courses.isEmpty {
                try await advance(courses, clients, written)
                try await end(courses, clients, written)
                courses = courses.filter { !$0.isDone }
            }
            await clients.close()
        } catch {
            await clients.close()
            throw error
        }
    }

    /// Has the partitions begin where they began.
    private func fill(_ courses: [PartitionRestore], _ clients: RestoreClients, _ admin: KafkaAdmin) async throws {
        var begins: [TopicPartition: Int64] = [:]
        for course in courses where course.filled > 0 {
            begins[course.id] = course.filled
            var left = Int(course.filled)
            while left > 0 {
                let count = min(left, Int(RestoreCourse.mostFillers))
                left -= count
                try await clients.write(RestoreClients.fillers(count, course.id), endingAt: course.filled - Int64(left))
            }
        }
        try await admin.deleteRecords(before: begins)
    }

    /// Writes until every partition has to wait, each at its own pace.
    private func advance(
        _ courses: [PartitionRestore], _ clients: RestoreClients, _ written: RestoreCount
    ) async throws {
        let ending = ContinuousClock.now + Self.transactionLength
        try await clients.fillers.begin()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for course in courses {
                group.addTask {
                    while let move = try course.next(isEnding: ContinuousClock.now > ending) {
                        switch move {
                        case .records(let records):
                            try await clients.write(
                                records.map { $0.produced(to: course.id) }, endingAt: course.position)
                            written.add(records.count)
                        case .fillers(let count):
                            try await clients.fill(
                                RestoreClients.fillers(count, course.id), endingAt: course.position)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Ends the open transaction, and commits what waits for a marker of its own.
    private func end(_ courses: [PartitionRestore], _ clients: RestoreClients, _ written: RestoreCount) async throws {
        try await clients.fillers.abort()
        var last: [ProducerRecord] = []
        for course in courses { last += course.waiting.map { $0.produced(to: course.id) } }
        if !last.isEmpty {
            try await clients.fillers.begin()
            for record in last { try await clients.fillers.enqueue(record) }
            try await clients.fillers.commit()
            written.add(last.count)
        }
        for course in courses { course.goOn() }
        try await clients.reach(Dictionary(uniqueKeysWithValues: courses.map { ($0.id, $0.position) }))
    }
}
