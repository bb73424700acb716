// SPDX-License-Identifier: Apache-2.0

import Baton
import Costs
import Ledger
import Operations
import Synchronization

/// The books as this process knows them: kept current by a follower of the ledger, read by whoever decides, and
/// waited for without looking again and again.
final class BooksView: Sendable {
    private struct State {
        var ledger: LedgerFold
        var hasCaughtUp = false
        var costs: CostSignals
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
    }

    private let state: Mutex<State>
    private let owned: OwnedChains

    /// - Parameter owned: Whose costs this process tells of; another instance tells of the others.
    init(currency: String, owned: OwnedChains) {
        state = Mutex(State(ledger: LedgerFold(currency: currency), costs: CostSignals(currency: currency)))
        self.owned = owned
        // Whose chains these are decides what is told of them.
        owned.onChange { [weak self] in
            guard let self else { return }
            for waiter in state.withLock({ Array($0.waiters.values) }) { waiter.yield() }
        }
    }

    /// Whether everything has been read that was there at the start.
    var hasCaughtUp: Bool { state.withLock { $0.hasCaughtUp } }

    /// Chains that do not hold together, by number where the names are numbers.
    var breaks: [ChainBreak] {
        read { books in
            books.breaks.values.sorted { ($0.chain.utf8.count, $0.chain) < ($1.chain.utf8.count, $1.chain) }
        }
    }

    /// The books as they are.
    func read<Value: Sendable>(_ look: (Books) -> Value) -> Value { state.withLock { look($0.ledger.books) } }

    /// Takes in records of the ledger.
    /// - Returns: where chains are newly found broken.
    @discardableResult
    func fold(_ records: [LedgerRecord]) -> [ChainBreak] {
        let (breaks, waiters) = state.withLock { state in
            var breaks: [ChainBreak] = []
            for record in records {
                switch state.ledger.take(record) {
                case .nothing: break
                case .broken(let found): breaks.append(found)
                case .cost(let baton):
                    state.costs.set(
                        total: state.ledger.books.total(of: baton), of: baton,
                        silently: !state.hasCaughtUp || !owned.contains(record.chain))
                }
            }
            return (breaks, Array(state.waiters.values))
        }
        for waiter in waiters { waiter.yield() }
        return breaks
    }

    /// What was put aside since the ledger was read and has to be passed over from the first record on; nil when there
    /// is nothing of the kind.
    var newQuarantines: LedgerQuarantines? { state.withLock { $0.ledger.isStale ? $0.ledger.quarantines : nil } }

    /// Goes on with books that were made anew.
    func replace(with ledger: LedgerFold) {
        let waiters = state.withLock { state in
            state.ledger = ledger
            for baton in ledger.books.batons.keys {
                state.costs.set(total: ledger.books.total(of: baton), of: baton, silently: true)
            }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// Everything has been read that was there at the start.
    func caughtUp() {
        let waiters = state.withLock { state in
            state.hasCaughtUp = true
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// A release declares what it may cost.
    func declare(budget: Money, of baton: BatonID) {
        let waiters = state.withLock { state in
            let isOurs = state.ledger.books.batons[baton]?.chain.map(owned.contains) ?? false
            state.costs.set(budget: budget, of: baton, silently: !state.hasCaughtUp || !isOurs)
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// What is to be told of costs at a moment, and when there will be more.
    func takeSignals(at now: Timestamp) -> (signals: [Signal], nextDue: Timestamp?) {
        state.withLock { ($0.costs.take(at: now), $0.costs.nextDue) }
    }

    /// What is to be told of chains that broke, or hold together again; nothing before the past is read.
    func takeBreakSignals(_ signals: inout BreakSignals, at now: Timestamp) -> [Signal] {
        hasCaughtUp ? signals.take(breaks, isOurs: owned.contains, at: now) : []
    }

    /// Yields at once and then after every change; changes that come while the reader is busy become one.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = continuation
            return state.nextWaiter
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.waiters.removeValue(forKey: number) }
        }
        continuation.yield()
        return stream
    }

    /// Waits until the books have caught up and meet a condition.
    /// - Returns: whether they did so within `limit`.
    func wait(
        noLongerThan limit: Duration, until condition: @escaping @Sendable (Books) -> Bool
    ) async throws -> Bool {
        if meet(condition) { return true }
        return try await within(limit) { [self] in
            for await _ in changes() where meet(condition) { return true }
            throw CancellationError()
        } ?? false
    }

    private func meet(_ condition: (Books) -> Bool) -> Bool {
        state.withLock { $0.hasCaughtUp && condition($0.ledger.books) }
    }
}
