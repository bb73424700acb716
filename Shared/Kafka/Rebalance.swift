// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// A change of the assignment that the group asks for and that must be answered.
enum Rebalance: Sendable, Equatable {
    case assign([TopicPartition])
    case revoke([TopicPartition], lost: Bool)
}

/// The rebalance that is not answered yet, and the starts chosen for it.
final class RebalanceState: Sendable {
    private struct State {
        var pending: Rebalance?
        var failure: KafkaError?
        /// Partitions being assigned, while the handler runs.
        var assigning: Set<TopicPartition> = []
        var starts: [TopicPartition: StartPosition] = [:]
    }

    private let state = Mutex(State())

    var pending: Rebalance? {
        get { state.withLock { $0.pending } }
        set { state.withLock { $0.pending = newValue } }
    }

    /// Keeps what came behind records: they are returned first.
    func keep(_ change: Rebalance?, _ failure: KafkaError?) {
        state.withLock { state in
            if let change { state.pending = change }
            if let failure { state.failure = failure }
        }
    }

    /// Forgets what a client said that is replaced.
    func reset() { state.withLock { $0 = State() } }

    func takeFailure() -> KafkaError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    func beginAssigning(_ partitions: [TopicPartition]) {
        state.withLock { state in
            state.assigning = Set(partitions)
            state.starts = [:]
        }
    }

    func endAssigning() -> [TopicPartition: StartPosition] {
        state.withLock { state in
            defer { (state.assigning, state.starts) = ([], [:]) }
            return state.starts
        }
    }

    /// Notes starts of partitions that are being assigned; returns the others.
    func override(_ starts: [TopicPartition: StartPosition]) -> [TopicPartition: StartPosition] {
        state.withLock { state in
            state.starts.merge(starts.filter { state.assigning.contains($0.key) }) { _, new in new }
            return starts.filter { !state.assigning.contains($0.key) }
        }
    }
}

extension GroupConsumer {
    /// Asks the handler, then answers the group. The change stays pending when cancelled on the way.
    func answer(_ change: Rebalance) async throws {
        switch change {
        case .assign(let partitions): try await assign(partitions)
        case .revoke(let partitions, let lost):
            await handler.revoked(partitions, lost: lost)
            rebalancing.pending = nil
            try await unassign(partitions)
        }
    }

    private func assign(_ partitions: [TopicPartition]) async throws {
        let committed = try await committedOffsets(of: partitions)
        rebalancing.beginAssigning(partitions)
        do {
            try await handler.assigned(partitions, committed: committed)
        } catch {
            _ = rebalancing.endAssigning()
            rebalancing.pending = nil
            try await unassign(partitions)
            throw error
        }
        forgetReading(partitions)
        let overrides = rebalancing.endAssigning()
        rebalancing.pending = nil
        let known = Dictionary(committed.map { ($0.topicPartition, $0.offset) }) { _, last in last }
        let starts = partitions.map { partition in
            CommittedOffset(
                topicPartition: partition,
                offset: overrides[partition]?.nativeOffset ?? known[partition] ?? PartitionList.noOffset)
        }
        let handle = handle
        try await thread.run("take over partitions") { try handle.assign(starts) }
    }

    /// Retries until the coordinator answers, or the group has moved on: the broker may be restarting.
    private func committedOffsets(of partitions: [TopicPartition]) async throws -> [CommittedOffset] {
        let handle = handle
        guard !partitions.isEmpty else { return [] }
        while true {
            try Task.checkCancellation()
            do {
                return try await thread.run("read committed offsets") {
                    try handle.committed(partitions, within: .seconds(2))
                }
            } catch let error as KafkaError where error.isRetriable && !polling.isClosing {
                handle.context.note(error)
            }
        }
    }

    private func unassign(_ partitions: [TopicPartition]) async throws {
        let handle = handle
        try await thread.run("hand back partitions") { try handle.unassign(partitions) }
    }

    /// Hands back what is assigned and leaves the group, for at most 10 s plus the handler's time.
    func leaveGroup() async {
        let handle = handle
        do {
            if let change = rebalancing.pending { try await answerWhileClosing(change) }
            let closing = try await thread.run("leave the group") { try handle.beginLeavingGroup() }
            defer { closing.destroy() }
            let deadline = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < deadline {
                let step = try await thread.run("leave the group") { closing.next(within: .milliseconds(100)) }
                switch step {
                case .left: return
                case .waiting: continue
                case .rebalance(let change): try await answerWhileClosing(change)
                }
            }
            handle.context.logger.notice("kafka group not left in time; its coordinator will notice")
        } catch {
            // Closing goes on whatever happens: the client is destroyed without the group's consent.
            handle.context.logger.notice(
                "kafka group not left", metadata: ["kafka.reason": "\(error)"])
        }
    }

    private func answerWhileClosing(_ change: Rebalance) async throws {
        rebalancing.pending = nil
        switch change {
        case .assign(let partitions): try await unassign(partitions)
        case .revoke(let partitions, let lost):
            await handler.revoked(partitions, lost: lost)
            try await unassign(partitions)
        }
    }
}
