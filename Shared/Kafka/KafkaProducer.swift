// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// An idempotent producer that waits for all replicas (`acks=all`).
///
/// A thread of its own blocks in librdkafka until delivery reports arrive and passes each on at once.
/// Handing a record over never blocks: librdkafka's queue is bounded, `send` suspends while it is full.
///
/// Keys are spread as Java clients do (murmur2), so that other tools find a key in the same partition.
public final class KafkaProducer: Sendable {
    private let handle: ClientHandle
    private let thread: BlockingThread
    private let deliveries = DeliveryDesk()
    private let ended = EndSignal()
    private let topics = TopicKnowledge()

    /// Connects in the background. Closed by `close`; dropping it without that discards what is unsent.
    /// - Parameter linger: How long a record waits for others to go with it.
    public convenience init(
        _ configuration: KafkaConfiguration, gathersFor linger: Duration = .milliseconds(1), logger: Logger
    ) throws {
        try self.init(configuration, properties: ["linger.ms": "\(linger.wholeMilliseconds)"], logger: logger)
    }

    /// - Parameter properties: Win over `KafkaProducer.properties`.
    init(_ configuration: KafkaConfiguration, properties: [String: String], logger: Logger) throws {
        var settings = try ClientSettings(configuration, operation: "make a producer")
        settings.set(Self.properties)
        settings.set(properties)
        let handle = try ClientHandle(
            .producer, settings, events: eventDelivery | eventError, logger: logger, operation: "make a producer")
        self.handle = handle
        let deliveries = deliveries
        thread = BlockingThread(
            name: "kafka-producer",
            idle: .blocks { deliveries.serve(handle, waitingUpTo: .seconds(1)) },
            wake: { handle.yield() })
    }

    deinit {
        let (handle, deliveries) = (handle, deliveries)
        thread.finish { Self.end(handle, deliveries) }
    }

    static let properties = [
        "enable.idempotence": "true",
        "acks": "all",
        "partitioner": "murmur2_random",
        // Long enough to gather what is ready at once, short enough not to be seen in a handoff.
        "linger.ms": "1",
        "retry.backoff.ms": "50",
        "message.timeout.ms": "120000",
        "queue.buffering.max.messages": "100000",
        "queue.buffering.max.kbytes": "65536",
        "topic.metadata.propagation.max.ms": "10000",
    ]

    /// Records given to `enqueue` that could not be delivered.
    public var failedDeliveries: Int { deliveries.failed }

    /// Writes a record and returns its address once all replicas have it.
    ///
    /// Cancelling ends the wait, not the delivery: the record may still be written.
    /// - Throws: `KafkaError`; `.timedOut` after 120 s without a broker. `CancellationError`.
    public func send(_ record: ProducerRecord) async throws -> RecordAddress {
        try learn(record.topic)
        while true {
            try Task.checkCancellation()
            switch try deliveries.hand(record, to: handle) {
            case .accepted(let delivery): return try await delivery.valueUnlessCancelled()
            case .full(let space): try await space.valueUnlessCancelled()
            }
        }
    }

    /// Hands a record over without waiting. A failed delivery is counted and logged, never thrown.
    /// - Throws: `KafkaError` `.queueFull` when the bounded queue is full, `.closed`, or a fatal one.
    public func enqueue(_ record: ProducerRecord) throws {
        try learn(record.topic)
        try deliveries.handUnwatched(record, to: handle)
    }

    /// The partition in which a record with this key lands, for what has to lie beside it under another key.
    /// - Throws: `KafkaError` `.timedOut` while no broker has said how many partitions there are.
    public func partition(of key: [UInt8], in topic: String) async throws -> Int32 {
        let topics = topics
        return try await run("learn the partitions of \(topic)") {
            try topics.partition(of: key, in: topic, with: $0)
        }
    }

    /// Waits until the producer cannot go on, and throws why. Who only hands records over is not told otherwise.
    /// - Throws: A fatal `KafkaError`; `CancellationError`, to everybody who waits.
    public func untilFatal() async throws { try await deliveries.broken.valueUnlessCancelled() }

    private func learn(_ topic: String) throws {
        guard topics.claim(topic) else { return }
        let (handle, topics) = (handle, topics)
        try thread.submit("write to \(topic)") { topics.learn(topic, with: handle) }
    }

    /// Runs a call on the producer's thread. While it blocks there, no delivery is reported.
    func run<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (ClientHandle) throws -> Value
    ) async throws -> Value {
        let handle = handle
        return try await thread.run(operation) { try body(handle) }
    }

    /// Passes reports on until none is missing. On the producer's thread alone.
    func settle(until deadline: ContinuousClock.Instant) {
        while handle.isSending, ContinuousClock.now < deadline {
            deliveries.serve(handle, waitingUpTo: min(.milliseconds(100), deadline.remaining))
        }
    }

    /// Waits for what was handed over to be delivered, gives up on the rest, and frees everything.
    public func close(timeout: Duration) async {
        let (handle, deliveries, ended) = (handle, deliveries, ended)
        deliveries.refuseNew()
        thread.finish {
            let deadline = ContinuousClock.now + timeout
            while handle.isSending, ContinuousClock.now < deadline {
                deliveries.serve(handle, waitingUpTo: min(.milliseconds(100), deadline.remaining))
            }
            Self.end(handle, deliveries)
            ended.signal()
        }
        await ended.wait()
    }

    /// Gives up on what is unsent, so that every waiting sender is answered, and destroys the client.
    private static func end(_ handle: ClientHandle, _ deliveries: DeliveryDesk) {
        deliveries.refuseNew()
        handle.purge()
        let deadline = ContinuousClock.now + .seconds(5)
        while handle.isSending, ContinuousClock.now < deadline {
            deliveries.serve(handle, waitingUpTo: .milliseconds(100))
        }
        handle.destroy()
    }
}
