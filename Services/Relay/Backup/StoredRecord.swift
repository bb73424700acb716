// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import Kafka

/// A record as a backup keeps it: one line of JSON.
struct StoredRecord: Codable, Sendable, Equatable {
    /// Where it was in its partition.
    var offset: Int64
    /// Milliseconds since 1970; -1 when it has no time.
    var at: Int64
    var key: StoredBytes?
    var value: StoredBytes?
    var headers: [StoredHeader]

    init(_ record: ConsumerRecord) {
        offset = record.offset
        at = record.timestampMilliseconds
        key = record.key.map { StoredBytes(bytes: $0) }
        value = record.value.map { StoredBytes(bytes: $0) }
        headers = record.headers.map { StoredHeader(name: $0.name, value: $0.value.map { StoredBytes(bytes: $0) }) }
    }

    /// The record on its way back.
    func produced(to partition: TopicPartition) -> ProducerRecord {
        ProducerRecord(
            topic: partition.topic, partition: partition.partition, key: key?.bytes, value: value?.bytes,
            headers: headers.map { KafkaHeader(name: $0.name, value: $0.value?.bytes) },
            timestampMilliseconds: at < 0 ? nil : at)
    }

    /// Bytes that it holds, for batches of a bounded size.
    var size: Int {
        (key?.bytes.count ?? 0) + (value?.bytes.count ?? 0)
            + headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.bytes.count ?? 0) }
    }
}

/// Bytes in JSON: a text where they are UTF-8, else `{"base64": "..."}`.
struct StoredBytes: Codable, Sendable, Equatable {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    private struct Binary: Codable { var base64: Data }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            bytes = Array(text.utf8)
        } else {
            bytes = Array(try container.decode(Binary.self).base64)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let text = String(validating: bytes, as: UTF8.self) {
            try container.encode(text)
        } else {
            try container.encode(Binary(base64: Data(bytes)))
        }
    }
}

/// A header in JSON: `[name, value]`.
struct StoredHeader: Codable, Sendable, Equatable {
    var name: String
    var value: StoredBytes?

    init(name: String, value: StoredBytes?) {
        self.name = name
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        name = try container.decode(String.self)
        value = try container.decodeIfPresent(StoredBytes.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(name)
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
