// SPDX-License-Identifier: Apache-2.0

import Baton
import Synchronization

/// The books as this process knows them: kept current by a follower of the ledger, read by whoever decides, and
/// waited for without looking again and again.
final class BooksView: Sendable {
    private struct State {
        var books: Books
        var verifier = LedgerVerifier(remembersFacts: false)
        var hasCaughtUp = false
        var costs: CostSignals
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
    }

    private let state: Mutex<State>
    private let owned: OwnedChains

    /// - Parameter owned: Whose costs this process tells of; another instance tells of the others.
    init(currency: String, owned: OwnedChains) {
        state = Mutex(State(books: Books(currency: currency), costs: CostSignals(currency: currency)))
        self.owned = owned
    }

    /// Whether everything has been read that was there at the start.
    var hasCaughtUp: Bool { state.withLock { $0.hasCaughtUp } }

    /// What is wrong with the ledger.
    var violations: [LedgerVerifier.Violation] { state.withLock { $0.verifier.violations } }

    /// The books as they are.
    func read<Value: Sendable>(_ look: (Books) -> Value) -> Value { state.withLock { look($0.books) } }

    /// Takes in records of the ledger.
    /// - Parameter entries: values, with the chain that each was found in.
    /// - Returns: what is newly found wrong.
    func fold(_ entries: [(value: [UInt8], chain: String)]) -> [LedgerVerifier.Violation] {
        let (violations, waiters) = state.withLock { state in
            let before = state.verifier.violations.count
            for (value, chain) in entries {
                guard let entry = state.verifier.check(value: value, in: chain), state.books.fold(entry) else {
                    continue
                }
                let baton = entry.fact.baton
                state.costs.set(
                    total: state.books.total(of: baton), of: baton,
                    silently: !state.hasCaughtUp || !owned.contains(chain))
            }
            return (Array(state.verifier.violations[before...]), Array(state.waiters.values))
        }
        for waiter in waiters { waiter.yield() }
        return violations
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
            let isOurs = state.books.batons[baton]?.chain.map(owned.contains) ?? false
            state.costs.set(budget: budget, of: baton, silently: !state.hasCaughtUp || !isOurs)
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.yield() }
    }

    /// What is to be told of costs at a moment, and when there will be more.
    func takeSignals(at now: Timestamp) -> (signals: [Signal], nextDue: Timestamp?) {
        state.withLock { ($0.costs.take(at: now), $0.costs.nextDue) }
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
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask { [self] in
                for await _ in changes() where meet(condition) { return true }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            return try await group.next() ?? false
        }
    }

    private func meet(_ condition: (Books) -> Bool) -> Bool {
        state.withLock { $0.hasCaughtUp && condition($0.books) }
    }
}
