// SPDX-License-Identifier: Apache-2.0

public import Baton
public import Kafka

extension EventPayload {
    /// The payload as a record: a CloudEvent in binary mode.
    /// - Parameters:
    ///   - id: Must be the same whenever the same fact is written again.
    ///   - source: `relay/<service>`.
    ///   - subject: The baton, where it is about one.
    ///   - trace: The span that the event belongs to.
    ///   - partition: Nil lets the key decide.
    public func record(
        topic: String, key: String, id: String, source: String, subject: String?, time: Timestamp,
        trace: TraceContext? = nil, partition: Int32? = nil
    ) -> ProducerRecord {
        event(id: id, source: source, subject: subject, time: time, trace: trace)
            .record(topic: topic, key: key, partition: partition)
    }
}

extension CloudEvent {
    /// The event as a record in binary mode.
    public func record(topic: String, key: String, partition: Int32? = nil) -> ProducerRecord {
        ProducerRecord(
            topic: topic, partition: partition, key: Array(key.utf8), value: data,
            headers: kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) },
            timestampMilliseconds: time?.milliseconds)
    }
}

extension ConsumerRecord {
    /// Reads the record as a CloudEvent in binary or structured mode.
    /// - Throws: `Refusal` with every problem found.
    public func cloudEvent() throws(Refusal) -> CloudEvent {
        try CloudEvent(kafkaHeaders: headers.map { (name: $0.name, value: $0.value) }, value: value)
    }

    /// The trace that whoever published the record was in, by the header that OpenTelemetry's instrumentation of Kafka
    /// clients adds; nil when it is missing or malformed.
    public var trace: TraceContext? {
        headers.last { $0.name == TraceContext.name }?.value.flatMap { String(validating: $0, as: UTF8.self) }
            .flatMap { TraceContext($0) }
    }

    /// Whether the record says in its headers, so in binary mode, to be an event of a type.
    public func isEvent(_ type: String) -> Bool {
        headers.contains { $0.name == "ce_type" && $0.value.map { $0.elementsEqual(type.utf8) } == true }
    }

    /// The key as text; nil when there is none or it is not UTF-8.
    public var keyText: String? { key.flatMap { String(validating: $0, as: UTF8.self) } }
}
