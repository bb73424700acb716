// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import Synchronization

/// One thread of our own on which a client's blocking C calls run, one after another, in order of submission.
///
/// Swift's cooperative pool has a thread per core and must never block; librdkafka's calls do.
/// Waiting jobs are bounded: each belongs to a suspended caller.
final class BlockingThread: Sendable {
    /// Most jobs that may wait; more is a caller's mistake and is refused.
    static let maximumWaitingJobs = 1024

    /// What the thread does while it has no job.
    enum Idleness: Sendable {
        case sleeps
        /// It sleeps, and does something quick after each second without a job.
        case sleepsAndLooks(@Sendable () -> Void)
        /// It blocks in a call that `wake` ends.
        case blocks(@Sendable () -> Void)
    }

    private let core: Core

    /// Starts a thread.
    /// - Parameters:
    ///   - name: shown by `top -H` (Linux keeps 15 characters).
    ///   - wake: ends a wait of `idle`, or of a job, when another job arrives. Runs under the lock of the queue:
    ///     must be quick, and is never called once `finish` was.
    init(name: String, idle: Idleness = .sleeps, wake: @escaping @Sendable () -> Void = {}) {
        let core = Core(idle: idle, wake: wake)
        self.core = core
        Thread.detachNewThread {
            nameCurrentThread(name)
            core.loop()
        }
    }

    deinit {
        core.finish {}
    }

    /// Runs `body` on the thread and returns what it returns.
    /// - Throws: `KafkaError` `.closed` after `finish`, `.queueFull` over the bound; else what `body` throws.
    func run<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let promise = Promise<Value>()
        try submit(operation) { promise.complete(Result(catching: body)) }
        return try await promise.value()
    }

    /// Queues a job without waiting for it.
    func submit(_ operation: String, _ job: @escaping @Sendable () -> Void) throws(KafkaError) {
        switch core.submit(job) {
        case .accepted: return
        case .finished: throw KafkaError.closed(operation)
        case .full:
            throw KafkaError(
                code: .queueFull, operation: operation,
                message: "\(Self.maximumWaitingJobs) calls wait for this client already")
        }
    }

    /// Ends a wait on the thread early, so that it looks at the world again.
    func wake() { core.wakeUp() }

    /// Takes no more jobs, runs those waiting and then `last`, and ends the thread. Only the first call counts.
    func finish(_ last: @escaping @Sendable () -> Void) { core.finish(last) }
}

/// Names the calling thread for `top -H` and debuggers. It is only a comfort, so a failure changes nothing.
///
/// Foundation sets a thread's name through a handle that may not be known yet when the thread starts to run, and Swift
/// sees none of the system's own calls for it: one is variadic, the other an extension of GNU.
private func nameCurrentThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = name.withCString { write(file, $0, strlen($0)) }
}

extension KafkaError {
    static func closed(_ operation: String) -> KafkaError {
        KafkaError(code: .closed, operation: operation, message: "the client is closed")
    }
}

/// What the thread keeps alive; apart from `BlockingThread`, so that dropping that one ends the thread.
private final class Core: Sendable {
    enum Submission { case accepted, full, finished }

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isFinished = false
        /// Sleeping, in no job and not in `idle`: the semaphore is enough, and a `wake` would be left over for the
        /// next job's wait and end that one at once.
        var isAsleep = false
    }

    private let state = Mutex(State())
    private let sleeper = DispatchSemaphore(value: 0)
    private let idle: BlockingThread.Idleness
    private let wake: @Sendable () -> Void

    init(idle: BlockingThread.Idleness, wake: @escaping @Sendable () -> Void) {
        self.idle = idle
        self.wake = wake
    }

    func submit(_ job: @escaping @Sendable () -> Void) -> Submission {
        let outcome: Submission = state.withLock { state in
            if state.isFinished { return .finished }
            if state.jobs.count >= BlockingThread.maximumWaitingJobs { return .full }
            state.jobs.append(job)
            // A sleeper that has a job already will run it first, and that one may wait: it must see this one.
            if !state.isAsleep || state.jobs.count > 1 { wake() }
            return .accepted
        }
        sleeper.signal()
        return outcome
    }

    func finish(_ last: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if state.isFinished { return }
            state.isFinished = true
            state.jobs.append(last)
            wake()
        }
        sleeper.signal()
    }

    func wakeUp() {
        state.withLock { state in
            if !state.isFinished { wake() }
        }
    }

    func loop() {
        while true {
            let (jobs, isFinished) = state.withLock { state in
                defer { state.jobs = [] }
                state.isAsleep = state.jobs.isEmpty && sleeps
                return (state.jobs, state.isFinished)
            }
            for job in jobs { job() }
            if isFinished { return }
            guard jobs.isEmpty else { continue }
            switch idle {
            case .sleeps: sleeper.wait()
            case .sleepsAndLooks(let look): if sleeper.wait(timeout: .now() + .seconds(1)) == .timedOut { look() }
            case .blocks(let block): block()
            }
        }
    }

    private var sleeps: Bool {
        if case .blocks = idle { false } else { true }
    }
}
