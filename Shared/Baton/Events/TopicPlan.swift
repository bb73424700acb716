// SPDX-License-Identifier: Apache-2.0

/// How a topic must be made.
public struct TopicPlan: Sendable, Equatable {
    /// What happens to old records.
    public enum Cleanup: Sendable, Equatable {
        case delete(afterMilliseconds: Int64)
        case compact
        case keep
    }

    public let name: String
    public let partitions: Int32
    public let cleanup: Cleanup

    /// The Kafka topic properties that express the clean-up.
    public var properties: [String: String] {
        switch cleanup {
        case .delete(let milliseconds): ["cleanup.policy": "delete", "retention.ms": String(milliseconds)]
        case .compact: ["cleanup.policy": "compact"]
        case .keep: ["cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"]
        }
    }
}
