// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

@Suite("A broker with a damaged log", .timeLimit(.minutes(1)))
struct DamagedBrokerTests {
    private let directory: TemporaryDirectory
    private var partition: String { directory.path + "/topics/t-0" }
    private var segment: String { partition + "/00000000000000000000.log" }

    init() throws { directory = try TemporaryDirectory() }

    /// Ten records of a batch each, of which the fifth is damaged.
    private func prepare() async throws {
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            _ = try await fixture.createTopic("t")
            for number in 0..<10 {
                #expect(try await fixture.produce(TestBatch(values: ["value \(number)"]), to: "t").error == .none)
            }
        }
        let file = try LogFile(path: segment)
        let length = try file.size() / 10
        try file.write(ByteBuffer(bytes: [0xFF]), at: length * 4 + length - 3)
    }

    private func damage(_ fixture: BrokerFixture) async throws -> String? {
        let asked = DescribeConfigsRequest(resources: [.init(type: ConfigResourceType.broker, name: "1", keys: nil)])
        let configs = try await fixture.client.send(asked).results[0].configs
        return configs.first { $0.name == "log.damaged" }?.value
    }

    @Test("Readers get all but the damaged batch, and hear of it when they ask for it", arguments: [true, false])
    func readers(hasIndex: Bool) async throws {
        try await prepare()
        if !hasIndex { try FileManager.default.removeItem(atPath: segment.replacing(".log", with: ".index")) }
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            let before = try await fixture.fetch("t", from: 0)
            #expect(before.error == .none)
            #expect(before.highWatermark == 10)
            #expect(before.headers.map(\.baseOffset) == [0, 1, 2, 3])
            #expect(try await fixture.fetch("t", from: 4, maxWait: 60_000).error == .corruptMessage)
            #expect(try await fixture.fetch("t", from: 5).headers.map(\.baseOffset) == [5, 6, 7, 8, 9])
            #expect(try await damage(fixture)?.hasPrefix("t-0@4: offset 4, bytes ") == true)
            let known = LogRepair.known(in: directory.path)
            #expect(known.map(\.partition) == ["t-0"])
            #expect(known[0].description.hasPrefix("offset 4, bytes "))
            #expect(try await fixture.produce(TestBatch(values: ["more"]), to: "t").baseOffset == 10)
        }
    }

    @Test("What an operator has set aside is kept, and readers pass over it")
    func setAside() async throws {
        try await prepare()
        let whole = try Data(contentsOf: URL(filePath: segment))
        #expect(throws: LogRepair.Refusal.self) {
            try LogRepair.setAside(offset: 3, of: "t-0", in: directory.path)
        }
        #expect(throws: LogRepair.Refusal.self) { try LogRepair.setAside(offset: 4, of: "t-1", in: directory.path) }
        let outcome = try LogRepair.setAside(offset: 4, of: "t-0", in: directory.path)
        #expect(outcome.offsets == 4..<5)
        let kept = try Data(contentsOf: URL(filePath: try #require(outcome.kept)))
        #expect(kept == whole[(whole.count / 10 * 4)..<(whole.count / 10 * 5)])
        try await BrokerFixture.with(directory: directory) { fixture async throws in
            #expect(try await damage(fixture) == "")
            let read = try await fixture.fetch("t", from: 0)
            #expect(read.headers.map(\.baseOffset) == Array(0...9))
            #expect(read.headers[4].recordCount == 0)
            #expect(try await fixture.produce(TestBatch(values: ["more"]), to: "t").baseOffset == 10)
        }
        #expect(try !FileManager.default.contentsOfDirectory(atPath: partition).contains { $0.hasSuffix(".damaged") })
    }

    @Test("Nothing is set aside under a broker that runs")
    func running() async throws {
        try await prepare()
        try await BrokerFixture.with(directory: directory) { _ async throws in
            #expect(throws: StorageError.self) { try LogRepair.setAside(offset: 4, of: "t-0", in: directory.path) }
        }
    }
}
