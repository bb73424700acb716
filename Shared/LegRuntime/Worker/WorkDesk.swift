// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Synchronization

/// What a finished piece of work, or a record that could not be read, puts into a transaction.
struct FinishedWork: Sendable {
    let records: [ProducerRecord]
    /// Nil for a dead letter.
    let outcome: Handoff.Outcome?
}

/// A record that was read from the leg's topic.
struct Incoming: Sendable {
    enum Content: Sendable {
        case assignment(Assignment)
        /// An assignment to the other lane.
        case elsewhere(AttemptKey)
        /// The attempts before this one are called off.
        case withdrawal(AttemptKey, reason: String)
        case unreadable(FinishedWork)
    }

    let place: WorkLedger<FinishedWork>.Place
    let content: Content
}

/// The ledger of a worker together with the tasks that it speaks of, behind one lock.
final class WorkDesk: Sendable {
    typealias Ledger = WorkLedger<FinishedWork>

    /// What reading asks of the shell.
    struct Orders: Sendable {
        /// Running work that was cancelled.
        var superseded = 0
        var withdrawn = 0
        /// Called off before it was started: to be answered with `end`.
        var unstarted: [Ledger.Start] = []
        var pause: [TopicPartition] = []
        var resume: [TopicPartition] = []
    }

    private struct State {
        var ledger: Ledger
        var tasks: [Ledger.WorkID: Task<Void, Never>] = [:]
        /// Read, and to be taken when there is room; their partitions are paused.
        var heldBack: [TopicPartition: [Incoming]] = [:]
        var paused: Set<TopicPartition> = []
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Given when a transaction may have results to commit.
    let handoffs = Wakeup()
    /// Given when offsets moved that no result takes along.
    let moves = Wakeup()
    private let state: Mutex<State>

    init(lane: RaceLane, limits: Ledger.Limits) {
        state = Mutex(State(ledger: Ledger(lane: lane, limits: limits)))
    }
}

// MARK: Reading

extension WorkDesk {
    /// Takes what was read as far as there is room, and what was held back before.
    func receive(_ incoming: [Incoming]) -> Orders {
        let (orders, cancelled, hasMoved) = state.withLock { state in
            var orders = Orders()
            var cancelled: [Task<Void, Never>] = []
            for item in incoming { state.heldBack[item.place.partition, default: []].append(item) }
            for partition in state.heldBack.keys.sorted() { Self.take(from: partition, &state, &orders, &cancelled) }
            let full = Set(state.heldBack.keys)
            orders.pause = full.subtracting(state.paused).sorted()
            orders.resume = state.paused.subtracting(full).sorted()
            state.paused = full
            return (orders, cancelled, state.ledger.hasMoved)
        }
        for task in cancelled { task.cancel() }
        handoffs.give()
        if hasMoved { moves.give() }
        return orders
    }

    /// Whether something waits for room.
    var holdsBack: Bool { state.withLock { !$0.heldBack.isEmpty } }

    private static func take(
        from partition: TopicPartition, _ state: inout State, _ orders: inout Orders,
        _ cancelled: inout [Task<Void, Never>]
    ) {
        guard var items = state.heldBack.removeValue(forKey: partition)?[...] else { return }
        while let item = items.first, state.ledger.hasRoom(for: item.place) {
            items.removeFirst()
            var superseded: [Ledger.WorkID] = []
            switch item.content {
            case .unreadable(let letter): state.ledger.takeUnreadable(letter, at: item.place)
            case .assignment(let assignment): superseded = state.ledger.take(assignment, at: item.place).superseded
            case .elsewhere(let key): superseded = state.ledger.passOver(key, at: item.place)
            case .withdrawal(let key, let reason):
                let withdrawn = state.ledger.withdraw(key, because: reason, at: item.place)
                orders.withdrawn += withdrawn.running.count + withdrawn.unstarted.count
                orders.unstarted += withdrawn.unstarted
                cancelled += withdrawn.running.compactMap { state.tasks[$0] }
            }
            orders.superseded += superseded.count
            cancelled += superseded.compactMap { state.tasks[$0] }
        }
        if !items.isEmpty { state.heldBack[partition] = Array(items) }
    }
}

// MARK: Partitions

extension WorkDesk {
    /// Begins partitions.
    /// - Returns: Those whose map of finished work was not understood.
    func assign(_ partitions: [TopicPartition], committed: [CommittedOffset]) -> [TopicPartition] {
        let offsets = Dictionary(committed.map { ($0.topicPartition, $0) }) { _, last in last }
        return state.withLock { state in
            partitions.filter { !state.ledger.assign($0, committed: offsets[$0]) }
        }
    }

    /// Forgets partitions and cancels their work.
    /// - Returns: Those that were paused.
    func revoke(_ partitions: [TopicPartition]) -> [TopicPartition] {
        let (cancelled, paused) = state.withLock { state in
            let paused = state.paused.intersection(partitions)
            state.paused.subtract(paused)
            for partition in partitions { state.heldBack[partition] = nil }
            return (state.ledger.revoke(partitions).compactMap { state.tasks[$0] }, paused.sorted())
        }
        for task in cancelled { task.cancel() }
        return paused
    }
}

// MARK: Work

extension WorkDesk {
    func startNext() -> Ledger.Start? { state.withLock { $0.ledger.startNext() } }

    /// Owns the task of work that was started; cancels it at once if it is superseded already.
    func keep(_ task: Task<Void, Never>, for id: Ledger.WorkID) {
        let counts = state.withLock { state in
            if state.ledger.occupiesSlot(id) { state.tasks[id] = task }
            return state.ledger.counts(id)
        }
        if !counts { task.cancel() }
    }

    /// Running work waits for what somebody has to mend, or goes on.
    /// - Returns: Whether its slot has become free for others.
    func rest(_ id: Ledger.WorkID, _ isResting: Bool) -> Bool {
        state.withLock { $0.ledger.rest(id, isResting) }
    }

    /// Work has ended.
    func end(_ id: Ledger.WorkID, _ output: FinishedWork?) {
        let (hasHandoff, waiters) = state.withLock { state in
            state.tasks[id] = nil
            let hasHandoff = state.ledger.end(id, output)
            return (hasHandoff, Self.takeIdleWaiters(&state))
        }
        if hasHandoff { handoffs.give() }
        for waiter in waiters { waiter.resume() }
    }

    /// Takes and starts nothing more.
    func stopTaking() { state.withLock { _ = $0.ledger.stopTaking() } }

    /// Cancels all work.
    func cancelAll() {
        let tasks = state.withLock { Array($0.tasks.values) }
        for task in tasks { task.cancel() }
    }

    /// Returns when no work runs.
    func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            let waiters = state.withLock { state in
                state.idleWaiters.append(continuation)
                return Self.takeIdleWaiters(&state)
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    /// Work that occupies a slot, and work that waits for one.
    var load: (running: Int, queued: Int) { state.withLock { ($0.ledger.running, $0.ledger.queued) } }

    /// How far each partition is.
    func standings(read: [TopicPartition: GroupConsumer.Read]) -> [LagWatch.Standing] {
        state.withLock { $0.ledger.standings(read: read, heldBack: $0.paused) }
    }

    /// Why running work was cancelled; nil when it was not, or for its partition alone.
    func drop(of id: Ledger.WorkID) -> Ledger.Drop? { state.withLock { $0.ledger.drop(of: id) } }

    /// Whether work is neither superseded nor of a partition that was revoked.
    func counts(_ id: Ledger.WorkID) -> Bool { state.withLock { $0.ledger.counts(id) } }

    private static func takeIdleWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.ledger.running == 0 else { return [] }
        defer { state.idleWaiters = [] }
        return state.idleWaiters
    }
}

// MARK: Transactions

extension WorkDesk {
    func beginHandoff(isSweep: Bool) -> Ledger.Batch? { state.withLock { $0.ledger.beginHandoff(isSweep: isSweep) } }

    func endHandoff(_ batch: Ledger.Batch, committed: Bool) {
        state.withLock { $0.ledger.endHandoff(batch, committed: committed) }
    }
}
