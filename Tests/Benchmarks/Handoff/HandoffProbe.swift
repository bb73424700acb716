// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// Gives batons to a service and reads what it hands on; blocks its thread.
final class HandoffProbe {
    /// One baton's way, in milliseconds.
    struct Sample: Sendable {
        /// From being given to the service's input until read by the next.
        var hop: Double
        /// From being taken into a transaction until read by the next.
        var handoff: Double
    }

    private let producer: LoadProducer
    private let reader: RawReader
    private var value: [UInt8]
    private var sent: UInt64 = 0
    private var received: Set<UInt64> = []
    private var samples: [Sample] = []

    init(_ servers: String, input: String, output: String, bytes: Int) throws {
        producer = try LoadProducer(servers, topic: input, lingerMilliseconds: 0)
        reader = try RawReader(servers, topics: [output])
        value = LoadProducer.value(bytes: bytes)
    }

    /// The next baton when the last one has been read, for so long.
    func oneAtATime(seconds: Double) throws -> [Sample] {
        samples = []
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < end {
            try send()
            try receiveAll(withinSeconds: 20)
        }
        return samples
    }

    /// So many batons a second whatever becomes of them, for so long.
    func atRate(_ perSecond: Double, seconds: Double) throws -> [Sample] {
        samples = []
        let begun = monotonicNanoseconds()
        let interval = 1e9 / perSecond
        var next = 0
        while Double(next) < perSecond * seconds {
            let now = monotonicNanoseconds()
            while Double(now - begun) >= Double(next) * interval, Double(next) < perSecond * seconds {
                try send()
                next += 1
            }
            try receive(withinMilliseconds: 1)
        }
        try receiveAll(withinSeconds: 20)
        return samples
    }

    private func send() throws {
        Stamps.write(sent, at: .number, into: &value)
        Stamps.write(monotonicNanoseconds(), at: .sent, into: &value)
        guard try producer.put(value, number: sent, partition: RD_KAFKA_PARTITION_UA) else {
            throw BenchFailure("the input takes no more batons")
        }
        sent += 1
        _ = try producer.acknowledged(withinMilliseconds: 0)
    }

    private func receiveAll(withinSeconds limit: Double) throws {
        let end = monotonicNanoseconds() + UInt64(limit * 1e9)
        while UInt64(received.count) < sent {
            guard monotonicNanoseconds() < end else {
                throw BenchFailure("\(sent - UInt64(received.count)) of \(sent) batons were not handed on")
            }
            try receive(withinMilliseconds: 50)
        }
    }

    private func receive(withinMilliseconds limit: Int32) throws {
        let stamps = try reader.next(withinMilliseconds: limit) { message in
            let bytes = message.pointee.valueBytes
            return (
                sent: Stamps.read(.sent, from: bytes), taken: Stamps.read(.taken, from: bytes),
                number: Stamps.read(.number, from: bytes)
            )
        }
        guard let stamps else { return }
        let now = monotonicNanoseconds()
        guard let sent = stamps.sent, let taken = stamps.taken, let number = stamps.number else {
            throw BenchFailure("a baton without its stamps was handed on")
        }
        guard received.insert(number).inserted else { throw BenchFailure("baton \(number) was handed on twice") }
        samples.append(
            Sample(hop: milliseconds(from: sent, to: now), handoff: milliseconds(from: taken, to: now)))
    }
}
