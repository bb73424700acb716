// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Tells when what was written up to a position is durable.
///
/// Syncs run on a thread pool, one at a time for each gate: what is written meanwhile waits for the next one, so that
/// many writes share one sync. What nobody waits for is synced with what is written after it, or a little later.
/// Confined to one event loop.
final class SyncGate {
    /// How long what nobody waits for may be written and not synced.
    private static let delay = TimeAmount.milliseconds(100)

    private let loop: any EventLoop
    private let pool: NIOThreadPool
    private let policy: BrokerConfiguration.Fsync
    private let takeFiles: () -> [LogFile]
    private struct Waiter {
        var position: Int64
        var evenIfFailed: Bool
        var resume: () -> Void
    }

    private var waiters: [Waiter] = []
    private var hasFailed = false
    private var isSyncing = false
    private var written: Int64
    /// What is to be durable as soon as may be.
    private var wanted: Int64
    private var isPlanned = false
    /// What was written before this position survives a loss of power (or, under `.never`, of the process).
    private(set) var durable: Int64
    /// Called after `durable` moved.
    var onAdvance: () -> Void = {}
    /// Called when a sync failed; the gate then stays shut, because what the device holds is no longer known.
    var onFailure: (any Error) -> Void = { _ in }

    init(
        loop: any EventLoop, pool: NIOThreadPool, policy: BrokerConfiguration.Fsync, position: Int64,
        takeFiles: @escaping () -> [LogFile]
    ) {
        self.loop = loop
        self.pool = pool
        self.policy = policy
        self.takeFiles = takeFiles
        written = position
        wanted = position
        durable = position
    }

    /// Says that everything before a position has been written.
    /// - Parameter isAwaited: Whether somebody is about to wait for it.
    func wrote(upTo position: Int64, isAwaited: Bool = true) {
        written = position
        switch policy {
        case .never:
            _ = takeFiles()
            advance(to: position)
        case .groupCommit:
            if isAwaited { want() } else { plan() }
        }
    }

    /// Runs when everything written so far is durable: at once if it is, never once a sync has failed.
    func whenDurable(_ resume: @escaping () -> Void) {
        wait(evenIfFailed: false, resume)
    }

    /// Runs when no sync is outstanding any more, whether or not it succeeded.
    func whenSettled(_ resume: @escaping () -> Void) {
        if hasFailed { resume() } else { wait(evenIfFailed: true, resume) }
    }

    private func wait(evenIfFailed: Bool, _ resume: @escaping () -> Void) {
        guard durable < written else { return resume() }
        guard !hasFailed else { return }
        waiters.append(Waiter(position: written, evenIfFailed: evenIfFailed, resume: resume))
        want()
    }

    private func want() {
        wanted = written
        startSync()
    }

    private func plan() {
        guard !isPlanned else { return }
        isPlanned = true
        loop.assumeIsolated().scheduleTask(in: Self.delay) { [self] in
            isPlanned = false
            want()
        }
    }

    private func startSync() {
        guard !isSyncing, !hasFailed, durable < wanted else { return }
        isSyncing = true
        let target = written
        let files = takeFiles()
        pool.runIfActive(eventLoop: loop) {
            for file in files { try file.sync() }
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                self.isSyncing = false
                self.advance(to: target)
                self.startSync()
            case .failure(let error):
                self.fail(error)
            }
        }
    }

    private func fail(_ error: any Error) {
        hasFailed = true
        onFailure(error)
        let settled = waiters.filter(\.evenIfFailed)
        waiters = []
        for waiter in settled { waiter.resume() }
    }

    private func advance(to position: Int64) {
        durable = position
        onAdvance()
        let ready = waiters.partitioningIndex { $0.position > position }
        let resumed = waiters[..<ready]
        waiters.removeFirst(ready)
        for waiter in resumed { waiter.resume() }
    }
}
