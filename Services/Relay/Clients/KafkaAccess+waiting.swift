// SPDX-License-Identifier: Apache-2.0

import Kafka
import LegRuntime
import Operations
import Synchronization

extension KafkaAccess {
    /// Repeats what needs a broker until it works or the time is over.
    /// - Parameters:
    ///   - what: What was waited for, as in "the topics were not made".
    ///   - notes: What the clients that `work` uses report.
    /// - Throws: `RelayFailure` when the time is over; what `work` throws when waiting does not help.
    package func waiting<Value: Sendable>(
        upTo limit: TimeLimit, _ what: String, _ notes: ClientNotes,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let last = LastError()
        let value = try await within(limit.duration) {
            try await announcingWait { try await Self.repeating(work, last) }
        }
        if let value { return value }
        let reason = notes.cause ?? last.message ?? "no broker answered"
        throw RelayFailure(
            "\(what) within \(limit.description) at \(kafka.bootstrapServers.joined(separator: ",")): \(reason)",
            remedy: "see that the brokers run and can be reached from here, and that the credentials are right")
    }

    /// Does what needs the answer of a broker, and says from time to time what is waited for while none comes.
    package func announcingWait<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask { [servers = kafka.bootstrapServers.joined(separator: ",")] in
                var pause = WaitingNotice.first
                while true {
                    try await Task.sleep(for: pause)
                    // Standard output is for what was asked for.
                    StandardErrorLines.write("relay: waiting for Kafka at \(servers)")
                    pause = WaitingNotice.interval
                }
            }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private static func repeating<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value, _ last: LastError
    ) async throws -> Value {
        var pause = Duration.milliseconds(100)
        while true {
            do {
                return try await work()
            } catch let error as KafkaError where error.mayPass {
                last.keep(error)
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
            }
        }
    }
}

private final class LastError: Sendable {
    private let error = Mutex<KafkaError?>(nil)

    var message: String? { error.withLock { $0?.message } }

    func keep(_ new: KafkaError) { error.withLock { $0 = new } }
}

extension KafkaError {
    /// Whether waiting may help a command: also for brokers that are still missing for all the copies, and for a topic
    /// that not every broker knows yet.
    fileprivate var mayPass: Bool { heals || message.contains("replication factor") }
}
