// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka

/// Puts load on a broker and measures it; blocks its thread.
final class BrokerLoad {
    private let servers: String
    private let seconds: Double
    private let value = LoadProducer.value(bytes: BrokerPart.recordBytes)
    /// Records in the topic `single`.
    private var written = 0

    init(servers: String, seconds: Double) {
        self.servers = servers
        self.seconds = seconds
    }

    func run() throws -> BrokerPart.Round {
        var round = BrokerPart.Round()
        try burst(&round)
        let single = try LoadProducer(servers, topic: "single", lingerMilliseconds: 0)
        let batch = try LoadProducer(servers, topic: "single", lingerMilliseconds: 1)
        // The first records wait for connections and metadata.
        for producer in [single, batch] { try acknowledge(producer, 1) }
        round.single = try repeated { try acknowledge(single, 1) }
        round.batch = try repeated { try acknowledge(batch, 100) }
        let reader = try RawReader(servers, topics: ["single"], partitions: 1)
        // Past everything that is there, so that each following record is awaited.
        try reader.read(written)
        round.passed = try repeated { try pass(single, reader) }
        return round
    }

    private func burst(_ round: inout BrokerPart.Round) throws {
        let producer = try LoadProducer(servers, topic: "burst", lingerMilliseconds: 5)
        let (records, bytes) = (BrokerPart.burst, BrokerPart.recordBytes)
        try producer.write(1000, bytes: bytes, partitions: BrokerPart.partitions)
        var begun = monotonicNanoseconds()
        try producer.write(records, bytes: bytes, partitions: BrokerPart.partitions)
        round.produced = Double(records) / milliseconds(from: begun, to: monotonicNanoseconds()) * 1000
        let reader = try RawReader(servers, topics: ["burst"], partitions: Int32(BrokerPart.partitions))
        try reader.read(1000)
        begun = monotonicNanoseconds()
        try reader.read(records)
        round.fetched = Double(records) / milliseconds(from: begun, to: monotonicNanoseconds()) * 1000
    }

    /// The times that something took, over and over for a while.
    private func repeated(_ body: () throws -> Void) throws -> Distribution {
        var times: [Double] = []
        let end = monotonicNanoseconds() + UInt64(seconds / 4 * 1e9)
        var begun = monotonicNanoseconds()
        while begun < end || times.count < 100 {
            try body()
            let now = monotonicNanoseconds()
            times.append(milliseconds(from: begun, to: now))
            begun = now
        }
        return Distribution(times)
    }

    private func acknowledge(_ producer: LoadProducer, _ count: Int) throws {
        try hand(producer, count)
        var rest = count
        while rest > 0 {
            let more = try producer.acknowledged(withinMilliseconds: 30_000)
            guard more > 0 else { throw BenchFailure("the broker does not acknowledge") }
            rest -= more
        }
    }

    private func pass(_ producer: LoadProducer, _ reader: RawReader) throws {
        try hand(producer, 1)
        while try reader.next(withinMilliseconds: 1000, { _ in }) == nil {}
        _ = try producer.acknowledged(withinMilliseconds: 0)
    }

    private func hand(_ producer: LoadProducer, _ count: Int) throws {
        for _ in 0..<count {
            guard try producer.put(value, number: UInt64(written), partition: 0) else {
                throw BenchFailure("the producer's queue is full")
            }
            written += 1
        }
    }
}
