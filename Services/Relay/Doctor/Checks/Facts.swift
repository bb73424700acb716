// SPDX-License-Identifier: Apache-2.0

import Kafka
import LegRuntime
import RelayClients

/// Something that was looked up, or why it was not.
enum Finding<Value: Sendable & Equatable>: Sendable, Equatable {
    case known(Value)
    case unknown(String)

    var value: Value? { if case .known(let value) = self { value } else { nil } }
}

/// Everything that the checks are made from. Gathered once; judged by pure functions.
package struct DoctorFacts: Sendable, Equatable {
    var cluster: Finding<ClusterDescription>
    /// By broker: why its advertised address cannot be used from here; empty text when it can.
    var unreachable: [Int32: String] = [:]
    var topics: Finding<[FoundTopic]>
    var probes: [ServiceProbe] = []
    var groups: Finding<[GroupFacts]>
    var services: [ServiceAnswer] = []
    var clocks: [ClockReading] = []
    var disks: [DiskSpace] = []
    var deadLetters: Finding<DeadLetterFacts>
    /// What brokers say of batches in their logs that cannot be read; nil from brokers that say nothing about it.
    var damage: String?
}

/// What a service may do with its credentials.
package struct ServiceProbe: Sendable, Equatable {
    /// One thing that the service does with Kafka.
    struct Step: Sendable, Equatable {
        let name: String
        /// Nil when it worked.
        let failure: KafkaError?
    }

    let service: String
    var steps: [Step]
}

/// One consumer group of the suite, looked at twice.
struct GroupFacts: Sendable, Equatable {
    /// A topic that the group reads.
    struct Backlog: Sendable, Equatable {
        let topic: String
        /// Records that were not done at the second look.
        var records: Int
        /// Whether the group had done anything between the two looks, or had nothing to do.
        var moved: Bool
    }

    var description: GroupDescription
    var backlogs: [Backlog]
    /// Whether a worker reported lately that it is at work, so that a place that stands still is no sign of trouble.
    var isAtWork = false
}

/// A service that was asked over HTTP.
package struct ServiceAnswer: Sendable, Equatable {
    /// Of a service that answers but has no `relay_build_info`.
    static let untoldVersion = "unknown"

    let name: String
    let url: String
    /// Nil when it did not answer.
    var version: String?
    /// What is not ready, or why there was no answer.
    var problems: [String] = []
    /// What the service says of the ledger, if it is one that follows it, and whether that is as it should be.
    var ledger: LedgerWord?

    /// What governance says of the ledger's chains.
    package struct LedgerWord: Sendable, Equatable {
        var words: String
        var isBroken: Bool
    }
}

/// Another clock beside this machine's.
struct ClockReading: Sendable, Equatable {
    let source: String
    /// How far the other clock is ahead; negative: behind.
    let ahead: Duration
    /// Whether being behind says anything: an old record is just old.
    var isLive = true
}

/// A file system on which something of the relay's lives.
struct DiskSpace: Sendable, Equatable {
    let name: String
    let path: String
    let freeBytes: Int64
    let totalBytes: Int64
}

/// What could not be read by somebody.
struct DeadLetterFacts: Sendable, Equatable {
    var count: Int
    /// Whether there are more than were counted.
    var isMore = false
    var newestReason: String?
    var newestTopic: String?
}
