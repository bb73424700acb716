// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka

/// Brokers accept 1 MiB a record by default; what a dead letter adds must fit too.
private let maximumDeadLetterBytes = 900_000
private let maximumReasonCharacters = 2_000

/// A record that could not be read: as it was received, with headers (`DeadLetterHeader`) that say where it was, why
/// it is here, and who says so.
///
/// A value that leaves no room for that is left out: a letter that no broker takes would stop its reader for ever. It
/// is still where it was received, for as long as that topic keeps it.
/// - Parameter attempts: How often it was tried.
public func deadLetter(
    _ record: ConsumerRecord, reason: String, reader: String, topics: Topics, attempts: Int = 1
) -> ProducerRecord {
    let short = reason.count > maximumReasonCharacters ? reason.prefix(maximumReasonCharacters) + "..." : reason[...]
    var found: [(DeadLetterHeader, String)] = [
        (.reason, String(short)), (.topic, record.topic), (.partition, String(record.partition)),
        (.offset, String(record.offset)), (.reader, reader), (.attempts, String(attempts)),
    ]
    let others = record.headers.reduce(record.key?.count ?? 0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    var value = record.value
    if let bytes = value?.count, bytes + others + short.utf8.count > maximumDeadLetterBytes {
        value = nil
        found.append((.omittedBytes, String(bytes)))
    }
    return ProducerRecord(
        topic: topics.deadLetters, key: record.key, value: value,
        headers: record.headers + found.map { KafkaHeader(name: $0.0.rawValue, text: $0.1) })
}
