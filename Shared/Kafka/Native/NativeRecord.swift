// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

extension ConsumerRecord {
    /// Copies a message out of librdkafka's memory.
    /// - Parameter topic: the name of the message's topic, which many messages share.
    init(_ message: UnsafePointer<rd_kafka_message_t>, topic: String) {
        let native = message.pointee
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        self.init(
            topic: topic, partition: native.partition, offset: native.offset,
            key: bytes(native.key, native.key_len), value: bytes(native.payload, native.len),
            headers: Self.headers(of: message), timestampMilliseconds: rd_kafka_message_timestamp(message, &type))
    }

    private static func headers(of message: UnsafePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        var headers: [KafkaHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            headers.append(KafkaHeader(name: name.map { String(cString: $0) } ?? "", value: bytes(value, size)))
        }
        return headers
    }
}

/// Null stays nil, empty stays empty.
private func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
    start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
}

extension ClientHandle {
    /// Queues a record for sending, copying its bytes. Never blocks.
    ///
    /// - Parameters:
    ///   - topic: the record's topic, when the caller has looked it up already.
    ///   - opaque: comes back in the delivery report. It stays the caller's when this throws.
    func produce(
        _ record: ProducerRecord, topic: OpaquePointer? = nil, opaque: UnsafeMutableRawPointer?,
        operation: @autoclosure () -> String
    ) throws {
        let topic = try topic ?? topicHandle(record.topic)
        guard record.headers.isEmpty, record.timestampMilliseconds == nil else {
            return try produceWhole(record, topic, opaque, operation: operation())
        }
        let outcome = withOptionalBytes(record.key) { key in
            withOptionalBytes(record.value) { value in
                rd_kafka_produce(
                    topic, record.partition ?? RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value.0, value.1, key.0,
                    key.1, opaque)
            }
        }
        if outcome != 0 { try check(rd_kafka_last_error(), operation()) }
    }

    /// What the short call has no room for: headers and a time.
    private func produceWhole(
        _ record: ProducerRecord, _ topic: OpaquePointer, _ opaque: UnsafeMutableRawPointer?, operation: String
    ) throws {
        let headers = record.headers.isEmpty ? nil : try NativeHeaders.make(record.headers, operation: operation)
        let failure: OpaquePointer? = withOptionalBytes(record.key) { key in
            withOptionalBytes(record.value) { value in
                withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 8) { arguments in
                    var count = 0
                    func add(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_t.__Unnamed_union_u) -> Void) {
                        arguments.initializeElement(at: count, to: .make(type, set))
                        count += 1
                    }
                    add(RD_KAFKA_VTYPE_RKT) { $0.rkt = topic }
                    add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY }
                    add(RD_KAFKA_VTYPE_KEY) { ($0.mem.ptr, $0.mem.size) = key }
                    add(RD_KAFKA_VTYPE_VALUE) { ($0.mem.ptr, $0.mem.size) = value }
                    add(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = opaque }
                    if let partition = record.partition { add(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition } }
                    if let time = record.timestampMilliseconds { add(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = time } }
                    if let headers { add(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers } }
                    return rd_kafka_produceva(client, arguments.baseAddress, count)
                }
            }
        }
        // librdkafka owns the headers once it has accepted the record, and only then.
        if failure != nil, let headers { rd_kafka_headers_destroy(headers) }
        try check(failure, operation)
    }
}

private enum NativeHeaders {
    /// Makes a list that the caller owns.
    static func make(_ headers: [KafkaHeader], operation: String) throws -> OpaquePointer {
        guard let list = rd_kafka_headers_new(headers.count) else {
            throw KafkaError(code: .other, operation: operation, message: "out of memory")
        }
        for header in headers {
            let code = withOptionalBytes(header.value) { value in
                rd_kafka_header_add(list, header.name, -1, value.0, value.1)
            }
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                rd_kafka_headers_destroy(list)
                throw KafkaError(code, operation: operation)
            }
        }
        return list
    }
}

extension rd_kafka_vu_t {
    fileprivate static func make(_ type: rd_kafka_vtype_t, _ set: (inout Self.__Unnamed_union_u) -> Void) -> Self {
        var argument = rd_kafka_vu_t()
        argument.vtype = type
        set(&argument.u)
        return argument
    }
}

/// Lends bytes to C, which tells null from empty by the pointer alone. C only reads through it.
private func withOptionalBytes<Result>(
    _ bytes: [UInt8]?, _ body: ((UnsafeMutableRawPointer?, Int)) -> Result
) -> Result {
    guard let bytes else { return body((nil, 0)) }
    guard !bytes.isEmpty else {
        return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { body(($0.baseAddress, 0)) }
    }
    return bytes.withUnsafeBytes { body((UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)) }
}
