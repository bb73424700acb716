// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka
public import Operations

/// Folds records into state and outputs. Its functions are never called at the same time.
public protocol RecordProcessor: Sendable {
    /// Restores the state of partitions, before any of their records.
    func assigned(_ partitions: [TopicPartition]) async throws
    /// Forgets the state of partitions.
    func revoked(_ partitions: [TopicPartition]) async
    /// Folds a batch, or nothing but time, into outputs. Changes of state are provisional until `settle`.
    ///
    /// Without outputs the batch counts as settled before its offsets are committed; a successor may read it again.
    ///
    /// What it throws decides what becomes of the records:
    /// - `Refusal`: they can never be processed. The bad ones go to the dead letters at once.
    /// - `DiagnosedError`, or any error without records: the processor itself cannot go on, and the process ends.
    /// - `KafkaError` that heals: Kafka is away. The batch is read again later.
    /// - Anything else: the bad ones are tried again and then go to the dead letters.
    func process(_ records: [ConsumerRecord], now: Timestamp) async throws -> Outputs
    /// The transaction of the last `process` was committed, or it was not: then its changes of state are to be
    /// forgotten, and the records come again.
    func settle(committed: Bool) async
    /// Partitions of which nothing can be processed for now. Their records are kept from `process`, and their offsets
    /// stay where they are, until a partition is not among them any more; then they are read from there.
    var heldBack: Set<TopicPartition> { get async }
    /// Whether time alone may lead to something now, so that ticks are worth a processor that wakes for them.
    var isTiming: Bool { get async }
}

extension RecordProcessor {
    /// Everything is processed as it comes.
    public var heldBack: Set<TopicPartition> { [] }

    /// Every tick counts.
    public var isTiming: Bool { true }
}

/// What a batch leads to: records that are written in its transaction.
public struct Outputs: Sendable {
    /// Those that others wait for: the sooner the first is handed over, the sooner the transaction ends.
    public var records: [ProducerRecord]
    /// Handed over after them, and made only then.
    public var late: [LateRecord]

    /// What is written.
    public init(_ records: [ProducerRecord] = [], late: [LateRecord] = []) {
        self.records = records
        self.late = late
    }

    /// Whether nothing is written.
    public var isEmpty: Bool { records.isEmpty && late.isEmpty }

    /// How many of them go to a topic.
    func count(to topic: String) -> Int { records.count { $0.topic == topic } + late.count { $0.topic == topic } }
}

/// A processor cannot go on; what it did since the last transaction is not committed and is done again.
public struct ProcessorFailure: DiagnosedError {
    /// The processor's name.
    public let processor: String
    /// What it ran into.
    public let cause: any Error

    /// What was wrong and where.
    public var reason: String {
        "the processor \(processor) failed: \((cause as? any DiagnosedError)?.reason ?? "\(cause)")"
    }
    /// What the operator can do.
    public var remedy: String {
        (cause as? any DiagnosedError)?.remedy ?? "start the process again: it continues from what is committed"
    }
}
