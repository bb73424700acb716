// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// One request of the admin API: its options, and the queue on which its result comes.
struct AdminRequest: ~Copyable {
    private static let timeout = Duration.seconds(30)

    let options: OpaquePointer
    let queue: OpaquePointer
    let operation: String

    init(_ handle: ClientHandle, _ kind: rd_kafka_admin_op_t, operation: String) throws {
        guard let options = rd_kafka_AdminOptions_new(handle.client, kind),
            let queue = rd_kafka_queue_new(handle.client)
        else { throw KafkaError(code: .other, operation: operation, message: "out of memory") }
        self.options = options
        self.queue = queue
        self.operation = operation
        var reason = [CChar](repeating: 0, count: 256)
        rd_kafka_AdminOptions_set_request_timeout(
            options, Self.timeout.wholeMilliseconds, &reason, reason.count)
    }

    deinit {
        rd_kafka_queue_destroy(queue)
        rd_kafka_AdminOptions_destroy(options)
    }

    /// Waits for the result and lends it to `read`. One that comes after the wait was given up is dropped.
    func result<Value>(_ patience: Patience, _ read: (OpaquePointer) throws -> Value) throws -> Value {
        while true {
            if let event = NativeEvent(rd_kafka_queue_poll(queue, patience.nextWait.wholeMilliseconds)) {
                return try interpret(event, read)
            }
            guard !patience.isOver else {
                throw KafkaError(code: .timedOut, operation: operation, message: "no answer in time", isRetriable: true)
            }
        }
    }

    private func interpret<Value>(
        _ event: borrowing NativeEvent, _ read: (OpaquePointer) throws -> Value
    ) throws -> Value {
        let code = rd_kafka_event_error(event.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw event.error(operation) }
        return try read(event.pointer)
    }
}

/// The elements of a C array of pointers.
func pointers(_ array: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) -> [OpaquePointer] {
    UnsafeBufferPointer(start: array, count: count).compactMap { $0 }
}
