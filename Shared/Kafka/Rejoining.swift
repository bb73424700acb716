// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// A member's client, which can be replaced. Who has taken the one before keeps it until it is done with it.
final class CurrentClient: Sendable {
    private let handle: Mutex<ClientHandle>

    init(_ handle: ClientHandle) { self.handle = Mutex(handle) }

    var value: ClientHandle { handle.withLock { $0 } }

    func replace(with successor: ClientHandle) { handle.withLock { $0 = successor } }

    /// Ends a wait in the client of now. Under the lock, so that whoever wakes never is the last to hold one that was
    /// replaced, and has to wait for its end.
    func yield() { handle.withLock { $0.yield() } }
}

/// What a member is made of.
struct MemberPlan: Sendable {
    let settings: ClientSettings
    let topics: [String]
    let logger: Logger
    let operation: String

    func join() throws -> ClientHandle {
        let handle = try ClientHandle(
            .groupConsumer, settings, events: eventFetch | eventError | eventRebalance, logger: logger,
            operation: operation)
        try handle.subscribe(to: topics, operation)
        return handle
    }
}

/// A static member that is fenced by nobody but itself.
///
/// When its session ends by its own clock, librdkafka (2.0.2, and 2.15 still) forgets the member id, and until the loss
/// is answered sends heartbeats without one. A broker that still knows the member, because it was away itself or only
/// its answers were lost, takes them for another instance's and fences it: fatal, though nobody else is there. The
/// client is of no more use then; the member is: all that it had is lost already.
///
/// One who was really replaced still has its id when it learns it. If it had lost that before, its producers are
/// fenced, because a successor registers those first: the next transaction ends it.
extension GroupConsumer {
    func isFencedByItself(_ error: KafkaError) async throws -> Bool {
        guard error.isFatal, error.code == .fenced, !polling.isClosing else { return false }
        let handle = handle
        return try await thread.run("read the member id") { handle.memberID().isEmpty }
    }

    /// Gives up what is left and joins the group with a new client.
    func rejoin() async throws {
        let held = try await assignment()
        if !held.isEmpty { await handler.revoked(held, lost: true) }
        rebalancing.reset()
        _ = try await takeAhead()
        forgetReading(Array(read.keys))
        plan.logger.warning(
            "the group's session ended, and the broker fenced the member for its own heartbeat; it joins anew")
        try await thread.run("join anew") { [client, plan] in client.replace(with: try plan.join()) }
    }
}
