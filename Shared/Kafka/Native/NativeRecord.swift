// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

extension ConsumerRecord {
    /// Copies a message out of librdkafka's memory.
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        let native = message.pointee
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        self.init(
            topic: native.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "",
            partition: native.partition, offset: native.offset,
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
    /// - Parameter opaque: comes back in the delivery report. It stays the caller's when this throws.
    func produce(_ record: ProducerRecord, opaque: UnsafeMutableRawPointer?, operation: String) throws {
        let headers = record.headers.isEmpty ? nil : try NativeHeaders.make(record.headers, operation: operation)
        let failure: OpaquePointer? = record.topic.withCString { topic in
            withOptionalBytes(record.key) { key in
                withOptionalBytes(record.value) { value in
                    var arguments: [rd_kafka_vu_t] = [
                        .make(RD_KAFKA_VTYPE_TOPIC) { $0.cstr = topic },
                        .make(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY },
                        .make(RD_KAFKA_VTYPE_KEY) { ($0.mem.ptr, $0.mem.size) = key },
                        .make(RD_KAFKA_VTYPE_VALUE) { ($0.mem.ptr, $0.mem.size) = value },
                        .make(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = opaque },
                    ]
                    if let partition = record.partition {
                        arguments.append(.make(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition })
                    }
                    if let time = record.timestampMilliseconds {
                        arguments.append(.make(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = time })
                    }
                    if let headers { arguments.append(.make(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers }) }
                    return rd_kafka_produceva(client, arguments, arguments.count)
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
