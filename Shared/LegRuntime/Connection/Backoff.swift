// SPDX-License-Identifier: Apache-2.0

public import Kafka
import Logging
import Operations

/// Growing pauses between attempts.
struct Backoff: Sendable {
    private(set) var next: Duration
    private let first: Duration
    private let longest: Duration

    init(first: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        next = first
        self.first = first
        self.longest = longest
    }

    /// Waits, and doubles the next pause.
    mutating func wait() async throws {
        let pause = next
        next = min(next * 2, longest)
        try await Task.sleep(for: pause)
    }

    /// Something worked.
    mutating func reset() { next = first }
}

extension KafkaError {
    /// Whether waiting and trying again may help. What is fatal or plainly wrong is not tried again.
    public var heals: Bool {
        guard !isFatal else { return false }
        if isRetriable || requiresAbort { return true }
        return switch code {
        case .transport, .timedOut, .queueFull, .unknownTopicOrPartition, .coordinatorUnavailable, .membershipLost: true
        default: false
        }
    }
}

extension ProcessContext {
    /// Repeats what needs a broker until there is one; meanwhile `part` is unready and says why.
    func persistently<Value: Sendable>(
        _ part: String, _ operation: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let servers = configuration.kafkaBootstrapServers.joined(separator: ",")
        readiness.set(false, for: part, reason: "\(operation): asking \(servers)")
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(2))
        while true {
            do {
                return try await abandonable(work)
            } catch let error as KafkaError where error.heals {
                readiness.set(false, for: part, reason: "\(operation): \(error.message)")
                logger.warning("kafka is not there yet", metadata: ["operation": "\(operation)", "error": "\(error)"])
                try await backoff.wait()
            }
        }
    }
}
