// SPDX-License-Identifier: Apache-2.0

package import Baton
import Kafka

/// Where a dead letter is: `partition:offset` of the topic of dead letters.
package struct LetterPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    var partition: Int32
    var offset: Int64

    /// As a command line names it: `3:17`.
    package var description: String { "\(partition):\(offset)" }

    /// A record of the dead letters' topic.
    package init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// Reads `partition:offset`; nil when it is something else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]), partition >= 0,
            offset >= 0
        else { return nil }
        self.init(partition: partition, offset: offset)
    }

    /// By partition, then by offset.
    package static func < (left: Self, right: Self) -> Bool {
        (left.partition, left.offset) < (right.partition, right.offset)
    }
}

/// A record that could not be read or processed, as it is among the dead letters.
package struct Letter: Sendable, Equatable {
    /// Its own record.
    package let place: LetterPlace
    /// When it was set aside.
    let at: Timestamp
    let reason: String
    let reader: String
    /// Where it was received.
    package let topic: String
    let partition: Int32?
    let offset: Int64?
    let attempts: Int?
    /// The size of a value that was too large to be kept.
    let omittedBytes: Int?
    let key: [UInt8]?
    let value: [UInt8]?
    /// As received, ours left out.
    let headers: [KafkaHeader]

    init(_ record: ConsumerRecord) {
        // Of a letter about a letter the last ones count: they were put on top.
        func text(_ header: DeadLetterHeader) -> String? {
            record.headers.last { $0.name == header.rawValue }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
        place = LetterPlace(partition: record.partition, offset: record.offset)
        at = Timestamp(milliseconds: record.timestampMilliseconds)
        reason = text(.reason) ?? "no reason was given"
        reader = text(.reader) ?? "unknown"
        topic = text(.topic) ?? ""
        partition = text(.partition).flatMap(Int32.init)
        offset = text(.offset).flatMap(Int64.init)
        attempts = text(.attempts).flatMap(Int.init)
        omittedBytes = text(.omittedBytes).flatMap(Int.init)
        key = record.key
        value = record.value
        headers = record.headers.filter { !$0.name.hasPrefix(DeadLetterHeader.prefix) }
    }

    /// Why it cannot be published again; nil when it can.
    var obstacle: String? {
        if let omittedBytes {
            return "its value of \(omittedBytes) bytes was not kept; it may still be at \(origin)"
        }
        guard !topic.isEmpty, partition != nil else { return "it does not say which topic and partition it came from" }
        return nil
    }

    /// `topic[partition]@offset`.
    var origin: String { "\(topic)[\(partition.map(String.init) ?? "?")]@\(offset.map(String.init) ?? "?")" }

    /// The record as it was received, on its way again.
    func replayed(from topics: Topics) -> ProducerRecord {
        ProducerRecord(
            topic: topic, partition: partition, key: key, value: value,
            headers: headers + [
                KafkaHeader(
                    name: DeadLetterHeader.replayedFrom.rawValue, text: "\(topics.deadLetters)/\(place)")
            ])
    }

    /// The note that it was published again. It lies in the letter's partition, behind the letter, so that it is kept
    /// for longer than that.
    func note(in topics: Topics) -> ProducerRecord {
        ProducerRecord(
            topic: topics.deadLetters, partition: place.partition, key: key, value: nil,
            headers: [KafkaHeader(name: DeadLetterHeader.replayed.rawValue, text: "\(place)")])
    }
}

/// Which letters are meant.
package struct LetterFilter: Sendable, Equatable {
    var reader: String?
    var topic: String?
    var since: Timestamp?

    /// Of its parts.
    package init(reader: String? = nil, topic: String? = nil, since: Timestamp? = nil) {
        self.reader = reader
        self.topic = topic
        self.since = since
    }

    /// Whether a letter is one of those that are meant.
    package func matches(_ letter: Letter) -> Bool {
        (reader.map { $0 == letter.reader } ?? true) && (topic.map { $0 == letter.topic } ?? true)
            && (since.map { letter.at >= $0 } ?? true)
    }
}
