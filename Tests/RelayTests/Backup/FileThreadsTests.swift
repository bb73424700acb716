// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Testing

@testable import Backup

@Suite("Threads for files", .timeLimit(.minutes(1)))
struct FileThreadsTests {
    @Test("work that blocks there does not keep other tasks from going on")
    func blocked() async throws {
        let (may, count) = (DispatchSemaphore(value: 0), ProcessInfo.processInfo.activeProcessorCount)
        let (blocking, said) = AsyncStream<Void>.makeStream()
        async let waiting: Void = onFileThreads {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // As many as the cooperative pool has threads: there they would stand in the way of what follows.
                for _ in 0..<count {
                    group.addTask {
                        said.yield()
                        Self.block(may)
                    }
                }
                try await group.waitForAll()
            }
        }
        var left = count
        for await _ in blocking {
            left -= 1
            if left == 0 { break }
        }
        await Task.detached { for _ in 0..<count { may.signal() } }.value
        try await waiting
    }

    private static func block(_ may: DispatchSemaphore) { may.wait() }
}
