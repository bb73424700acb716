// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import NIOCore
import Testing

@testable import EmbeddedBroker

/// The variable CROWD_CONNECTIONS asks for another size: 10000 is what the broker promises to bear.
@Suite("A hostile crowd", .timeLimit(.minutes(10)))
struct CrowdTests {
    private static let connections =
        ProcessInfo.processInfo.environment["CROWD_CONNECTIONS"].flatMap(Int.init) ?? 300

    /// Beyond what the same client needs without the crowd, on a machine that also runs the crowd.
    private static let acceptableSlowdown = 40.0
    private static let acceptableGrowthBytes = 1 << 30

    @Test("does not stop a good client, nor fill the broker's memory")
    func goodClient() async throws {
        let directory = try TemporaryDirectory()
        let broker = try await BrokerProcess.start(directory: directory.path, fsync: "never")
        let crowd: HostileCrowd
        let fixture = BrokerFixture(
            broker: EmbeddedBroker(BrokerConfiguration(dataDirectory: "")), address: broker.address,
            client: try await TestClient(broker.address))
        _ = try await fixture.createTopic("good")
        _ = try await fixture.createTopic("bait")
        let bait = TestBatch(values: [String(repeating: "x", count: 900_000)])
        for _ in 0..<20 { #expect(try await fixture.produce(bait, to: "bait").error == .none) }
        let alone = try await medianRoundTrip(fixture, from: 0)
        let before = try residentBytes(broker)

        crowd = try HostileCrowd(broker.address, topic: "bait")
        let possible = min(Self.connections, OpenFiles.raiseLimit() - 1000)
        let connected = try await crowd.gather(possible)
        if possible < Self.connections { print("only \(possible) connections: the limit of open files allows no more") }
        let crowded = try await medianRoundTrip(fixture, from: 100)
        let administrator = try await TestClient(broker.address)
        #expect(try await administrator.send(ListGroupsRequest()).error == .none)
        let after = try residentBytes(broker)
        print(
            "\(connected) hostile connections: a round trip of a good client takes \(alone) alone, \(crowded) among"
                + " them; the broker has \(before >> 20) MiB before, \(after >> 20) MiB after")
        #expect(connected > possible / 2)
        #expect(crowded / alone < Self.acceptableSlowdown)
        #expect(after - before < Self.acceptableGrowthBytes)
        try await crowd.disperse()
        await broker.kill()
    }

    /// The median over 100 times producing a record and fetching it.
    private func medianRoundTrip(_ fixture: BrokerFixture, from offset: Int64) async throws -> Duration {
        var times: [Duration] = []
        for index in 0..<100 {
            let start = ContinuousClock.now
            let place = offset + Int64(index)
            #expect(try await fixture.produce(TestBatch(values: ["x"]), to: "good").baseOffset == place)
            #expect(try await fixture.fetch("good", from: place).batches?.count ?? 0 > 0)
            times.append(ContinuousClock.now - start)
        }
        return times.sorted()[times.count / 2]
    }

    private func residentBytes(_ broker: BrokerProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(broker.child.processID)/statm", encoding: .utf8)
        return try #require(status.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4096
    }
}
