// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestSupport

@testable import EmbeddedBroker

/// Many connections that each do harm in its own way, until told to stop.
final class HostileCrowd: Sendable {
    /// What a connection does; each with what it sends, over and over for those that are closed for it.
    private enum Habit: CaseIterable {
        case silent, halfRequest, endlessLength, randomBytes, neverReads
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let address: BoundAddress
    private let fetch: ByteBuffer

    /// Clients of a broker with a topic whose records they will ask for and never read.
    init(_ address: BoundAddress, topic: String) throws {
        self.address = address
        var request = FetchRequest(maxBytes: .max)
        request.topics = [.init(name: topic, partitions: [.init(fetchOffset: 0, maxBytes: .max)])]
        fetch = try TestClient.frame(request, version: 4)
    }

    /// Connects; returns how many connections came to be.
    func gather(_ count: Int) async throws -> Int {
        var connected = 0
        // Not all at once: the system's queue of connections that wait for the broker is limited.
        for start in stride(from: 0, to: count, by: 200) {
            connected += try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for index in start..<min(count, start + 200) {
                    tasks.addTask { try await self.connect(index) }
                }
                return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        return connected
    }

    func disperse() async throws { try await group.shutdownGracefully() }

    private func connect(_ index: Int) async throws -> Bool {
        let habit = Habit.allCases[index % Habit.allCases.count]
        do {
            let channel = try await ClientBootstrap(group: group)
                .channelOption(.autoRead, value: habit != .neverReads)
                .connect(host: address.host, port: address.port).get()
            let words = words(of: habit, index)
            if words.readableBytes > 0 { channel.writeAndFlush(words, promise: nil) }
            return true
        } catch is NIOConnectionError {
            return false
        }
    }

    private func words(of habit: Habit, _ index: Int) -> ByteBuffer {
        switch habit {
        case .silent: return ByteBuffer()
        case .halfRequest: return ByteBuffer(bytes: [0, 0, 8, 0, 0, 0, 0, 9, 1, 2, 3])
        case .endlessLength: return ByteBuffer(bytes: [0x7F, 0xFF, 0xFF, 0xFF, 0, 0])
        case .randomBytes:
            var random = SeededGenerator(seed: UInt64(index))
            return ByteBuffer(bytes: (0..<300).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        case .neverReads:
            var words = ByteBuffer()
            for _ in 0..<20 { words.writeImmutableBuffer(fetch) }
            return words
        }
    }
}
