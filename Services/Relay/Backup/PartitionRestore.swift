// SPDX-License-Identifier: Apache-2.0

import Kafka
import Synchronization

/// One partition on its way back. Its tasks take turns.
final class PartitionRestore: Sendable {
    let id: TopicPartition
    private let course: Mutex<RestoreCourse>

    init(id: TopicPartition, course: sending RestoreCourse) {
        self.id = id
        self.course = Mutex(course)
    }

    var filled: Int64 { course.withLock { $0.layout.filled } }
    /// Where it ends when all that was given out is written.
    var position: Int64 { course.withLock { $0.layout.position } }
    var isDone: Bool { course.withLock { $0.stop == .done } }

    /// Records that are to be committed.
    var waiting: [StoredRecord] {
        course.withLock { course in
            guard case .commit(let records) = course.stop else { return [] }
            return records
        }
    }

    func next(isEnding: Bool) throws -> RestoreCourse.Move? {
        try course.withLock { try $0.next(isEnding: isEnding) }
    }

    func goOn() { course.withLock { $0.goOn() } }
}

/// How many records were written, for whoever waits.
final class RestoreCount: Sendable {
    private let count = Mutex(0)
    private let show: @Sendable (Int) -> Void

    init(_ show: @escaping @Sendable (Int) -> Void) { self.show = show }

    func add(_ records: Int) {
        show(
            count.withLock { count in
                count += records
                return count
            })
    }
}
