// SPDX-License-Identifier: Apache-2.0

import NIOPosix

/// Runs work that reads and writes files on threads that may block; Swift's cooperative pool has one for each core, and
/// they must not.
func onFileThreads<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(FileThreads.shared) { try await work() }
}

private final class FileThreads: TaskExecutor {
    static let shared = FileThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Unowned, and safe: the one executor is never released.
        NIOThreadPool.singleton.submit { _ in
            unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
