// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Finds the records of a batch that cannot be processed, so that all others still count.
///
/// A batch that fails is halved, and the halves are taken in order, until single records fail; those are tried again,
/// and given up after a bounded number of attempts. Every portion is a transaction of its own. Pure: the shell around
/// it processes.
struct RecordIsolation: Sendable {
    /// What to do about a portion that failed.
    enum Verdict: Sendable, Equatable {
        /// Smaller portions come next.
        case halved
        /// The same record comes next.
        case again
        /// The record goes to the dead letters, after so many attempts.
        case poison(attempts: Int)
    }

    let attempts: Int
    private var portions: [ArraySlice<ConsumerRecord>]
    private var failures = 0

    /// - Parameter attempts: How often one record is tried.
    init(_ records: [ConsumerRecord], attempts: Int) {
        self.attempts = attempts
        portions = records.isEmpty ? [] : [records[...]]
    }

    /// What is to be processed now; nil when the batch is done.
    var next: ArraySlice<ConsumerRecord>? { portions.last }

    /// The portion is done: committed, or committed as a dead letter.
    mutating func done() {
        failures = 0
        portions.removeLast()
    }

    /// The portion could not be processed.
    /// - Parameter isDeterministic: Trying again would fail again.
    mutating func failed(isDeterministic: Bool) -> Verdict {
        guard let portion = portions.last, portion.count > 1 else {
            failures += 1
            return isDeterministic || failures >= attempts ? .poison(attempts: failures) : .again
        }
        let middle = portion.startIndex + portion.count / 2
        portions[portions.count - 1] = portion[middle...]
        portions.append(portion[..<middle])
        return .halved
    }
}
