// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The thread on which transactional producers that take turns make their calls, one at a time, under a watchdog.
final class ProducerThread: Sendable {
    /// Owned together, so that the thread can look after them without keeping the producers alive.
    private final class Clients: Sendable {
        let handles = Mutex<[ClientHandle]>([])

        func serveCallbacks() {
            for handle in handles.withLock({ $0 }) { handle.serveCallbacks(waitingUpTo: .zero) }
        }

        func destroy() {
            let handles = handles.withLock { handles in
                defer { handles = [] }
                return handles
            }
            for handle in handles { handle.destroy() }
        }
    }

    private let clients = Clients()
    let calls: BlockingThread
    private let watchdog = Watchdog()
    private let ended = EndSignal()

    init() {
        let clients = clients
        // Nobody else serves the callbacks of a producer that has nothing to do.
        calls = BlockingThread(name: "kafka-txn", idle: .sleepsAndLooks { clients.serveCallbacks() })
    }

    deinit {
        let clients = clients
        calls.finish { clients.destroy() }
    }

    /// Takes over the ownership of a client.
    func add(_ handle: ClientHandle) { clients.handles.withLock { $0.append(handle) } }

    /// Runs a call under a watchdog: `rd_kafka_send_offsets_to_transaction` can block past its timeout in all
    /// releases so far (https://github.com/confluentinc/librdkafka/issues/5456).
    func run(
        _ operation: String, within limit: Duration, _ body: @escaping @Sendable () throws -> Void
    ) async throws {
        let promise = Promise<Void>()
        let watched = watchdog.begin(until: .now + limit) { [ended] in
            let error = KafkaError(
                code: .outcomeUnknown, operation: operation,
                message: "librdkafka did not return within \(limit)", isFatal: true)
            if promise.complete(.failure(error)) { ended.signal() }
        }
        defer { watchdog.end(watched) }
        try calls.submit(operation) { promise.complete(Result(catching: body)) }
        try await promise.value()
    }

    /// Frees everything. A call that hangs in librdkafka keeps its thread and clients for ever.
    func close() async {
        let (clients, ended) = (clients, ended)
        for handle in clients.handles.withLock({ $0 }) { handle.beginClosing() }
        calls.finish {
            clients.destroy()
            ended.signal()
        }
        // Given by the watchdog, if the thread hangs.
        await ended.wait()
    }
}
