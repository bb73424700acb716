// SPDX-License-Identifier: Apache-2.0

/// How a consumer takes part in its group.
public struct ConsumerGroupConfiguration: Sendable {
    /// Where a group starts in a partition for which it has committed nothing.
    public enum Start: String, Sendable, CaseIterable {
        /// At the oldest record kept.
        case earliest
        /// After the newest record.
        case latest
    }

    /// The group's name.
    public var group: String
    /// Makes the member static: it keeps its partitions over a restart within the session timeout. A second live
    /// consumer with the same id fences the first, so it must be unique.
    public var instanceID: String?
    /// Topics to read. One that does not exist yet is picked up when it appears.
    public var topics: [String]
    /// Where to start without a committed offset.
    public var startAt: Start
    /// Time without heartbeats after which the broker gives the member's partitions away.
    public var sessionTimeout: Duration
    /// Longest time between polls (and so for a rebalance handler) before the member leaves the group.
    public var maximumPollInterval: Duration
    /// librdkafka's `partition.assignment.strategy`. `range` keeps co-partitioned topics together.
    public var assignmentStrategy: String

    /// Describes a membership.
    public init(
        group: String, instanceID: String? = nil, topics: [String], startAt: Start = .earliest,
        sessionTimeout: Duration = .seconds(6), maximumPollInterval: Duration = .seconds(300),
        assignmentStrategy: String = "range"
    ) {
        self.group = group
        self.instanceID = instanceID
        self.topics = topics
        self.startAt = startAt
        self.sessionTimeout = sessionTimeout
        self.maximumPollInterval = maximumPollInterval
        self.assignmentStrategy = assignmentStrategy
    }

    var properties: [String: String] {
        var properties = [
            "group.id": group,
            "auto.offset.reset": startAt.rawValue,
            "isolation.level": IsolationLevel.readCommitted.rawValue,
            "session.timeout.ms": "\(sessionTimeout.wholeMilliseconds)",
            "heartbeat.interval.ms": "\(max(100, sessionTimeout.wholeMilliseconds / 4))",
            "max.poll.interval.ms": "\(maximumPollInterval.wholeMilliseconds)",
            "partition.assignment.strategy": assignmentStrategy,
            // Behind the last record there are markers, which nobody is given: only this says that they were passed.
            "enable.partition.eof": "true",
        ]
        properties["group.instance.id"] = instanceID
        return properties.merging(consumerProperties) { own, _ in own }
    }

    var problems: [String] {
        var problems: [String] = []
        if group.isEmpty { problems.append("the group's name is empty") }
        if topics.isEmpty { problems.append("no topic is given") }
        if topics.contains("") { problems.append("a topic's name is empty") }
        if sessionTimeout > maximumPollInterval {
            problems.append("the session timeout is longer than the maximum poll interval")
        }
        return problems
    }
}

/// Properties of everything that reads. Offsets move only when we say so.
let consumerProperties = [
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "allow.auto.create.topics": "false",
    // A topic that appears later is found by the next refresh.
    "topic.metadata.refresh.interval.ms": "5000",
    "fetch.error.backoff.ms": "50",
    "check.crcs": "true",
    "queued.min.messages": "\(ConsumerQueue.records)",
    "queued.max.messages.kbytes": "\(ConsumerQueue.bytes / 1024)",
]

/// What a consumer holds of what it has not given out yet; librdkafka fetches until it has one of them.
///
/// librdkafka 2.0.2 looks only about once a second whether a full queue has room again, unless `FetchReminder` wakes
/// it. These are its defaults: a smaller queue would be empty before anybody can look.
enum ConsumerQueue {
    static let records = 100_000
    static let bytes = 64 << 20
}
