// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Kafka

@Suite("The threads of a client", .timeLimit(.minutes(1)))
struct MainThreadTests {
    /// By thread name: how much later than asked Linux may end the waits of this process's threads, in nanoseconds.
    private func slacks(_ isWanted: (String) -> Bool) -> Set<String> {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let found = threads.compactMap { thread -> String? in
            guard let name = try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8),
                isWanted(name)
            else { return nil }
            return try? String(contentsOfFile: "/proc/\(thread)/timerslack_ns", encoding: .utf8)
        }
        return Set(found.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
    }

    // Another's thread is shown to who may change its priority only.
    @Test("The one that only keeps house may wake a little late, those that send may not", .enabled(if: getuid() == 0))
    func slack() async throws {
        let cluster = try MockCluster()
        let reader = try PartitionReader(cluster.configuration(), logger: silent)
        try cluster.createTopic("t", partitions: 1)
        _ = try await reader.endOffsets([TopicPartition(topic: "t", partition: 0)])
        // The mock cluster's own client is not one of ours.
        _ = try await eventually(within: .seconds(20), "a main thread may wake late") {
            slacks { $0.hasPrefix("rdk:main") }.contains("4000000") ? true : nil
        }
        #expect(slacks { $0.hasPrefix("rdk:broker") } == ["50000"])
        await reader.close()
    }
}
