// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Kafka

@Suite("Readers of a damaged log", .timeLimit(.minutes(1)))
struct DamagedLogTests {
    @Test("A reader is told where the log is damaged, instead of asking for ever")
    func reader() async throws {
        try await BrokerFixture.with(topics: ["t": 1]) { fixture in
            for number in 0..<5 { try await fixture.produce([.text("t", "value \(number)")]) }
            try await fixture.restart {
                let path = fixture.directory + "/topics/t-0/00000000000000000000.log"
                var log = try Data(contentsOf: URL(filePath: path))
                let place = try #require(log.firstRange(of: Data("value 2".utf8)))
                log[place.lowerBound] ^= 0x20
                try log.write(to: URL(filePath: path))
            } _: {
                let reader = try PartitionReader(fixture.configuration("reader"), logger: silent)
                var read: [String] = []
                let error = await #expect(throws: KafkaError.self) {
                    try await reader.readToEnd([TopicPartition(topic: "t", partition: 0)]) { read += $0.map(\.text) }
                }
                #expect(read == ["value 0", "value 1"])
                #expect(error?.code == .corrupted)
                let place = "\(TopicPartition(topic: "t", partition: 0))"
                #expect(error?.description.contains(place) == true)
                #expect(error?.description.contains("offset 2") == true)
                await reader.close()
            }
        }
    }
}
