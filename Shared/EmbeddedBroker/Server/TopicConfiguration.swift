// SPDX-License-Identifier: Apache-2.0

/// The configuration keys of a topic: what they may be and what they are when not set.
enum TopicConfigurationKey {
    struct Definition {
        var name: String
        var initial: String
        var type: Int8
        var isValid: @Sendable (String) -> Bool
    }

    private static let boolean: Int8 = 1
    private static let string: Int8 = 2
    private static let int: Int8 = 3
    private static let long: Int8 = 5
    private static let double: Int8 = 6
    private static let list: Int8 = 7

    static let all: [Definition] = [
        Definition(name: "cleanup.policy", initial: "delete", type: list) { value in
            let policies = value.split(separator: ",").map { $0.filter { $0 != " " } }
            return !policies.isEmpty && policies.allSatisfy { $0 == "delete" || $0 == "compact" }
        },
        choice("compression.type", "producer", ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        number("delete.retention.ms", "86400000", long, 0...),
        number("file.delete.delay.ms", "60000", long, 0...),
        number("flush.messages", "9223372036854775807", long, 1...),
        number("flush.ms", "9223372036854775807", long, 0...),
        number("index.interval.bytes", "4096", int, 0...),
        number("max.compaction.lag.ms", "9223372036854775807", long, 1...),
        number("max.message.bytes", "1048588", int, 0...),
        number("message.timestamp.difference.max.ms", "9223372036854775807", long, 0...),
        choice("message.timestamp.type", "CreateTime", ["CreateTime"]),
        Definition(name: "min.cleanable.dirty.ratio", initial: "0.5", type: double) { value in
            Double(value).map { (0...1).contains($0) } ?? false
        },
        number("min.compaction.lag.ms", "0", long, 0...),
        number("min.insync.replicas", "1", int, 1...),
        choice("preallocate", "false", ["true", "false"], type: boolean),
        number("retention.bytes", "-1", long, (-1)...),
        number("retention.ms", "604800000", long, (-1)...),
        number("segment.bytes", "67108864", int, 14...),
        number("segment.index.bytes", "10485760", int, 4...),
        number("segment.jitter.ms", "0", long, 0...),
        number("segment.ms", "604800000", long, 1...),
        choice("unclean.leader.election.enable", "false", ["true", "false"], type: boolean),
    ]

    static let byName: [String: Definition] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static func number(_ name: String, _ initial: String, _ type: Int8, _ range: PartialRangeFrom<Int64>)
        -> Definition
    {
        Definition(name: name, initial: initial, type: type) { value in
            Int64(value).map { range.contains($0) && (type == long || $0 <= Int64(Int32.max)) } ?? false
        }
    }

    private static func choice(_ name: String, _ initial: String, _ choices: Set<String>, type: Int8 = string)
        -> Definition
    {
        Definition(name: name, initial: initial, type: type) { choices.contains($0) }
    }
}

/// The keys set on one topic.
struct TopicConfiguration: Equatable, Sendable {
    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var values: [String: String] = [:]
    // Every batch asks for these.
    private(set) var isCompacted = false
    private(set) var maximumBatchBytes = Int.max

    init() { noteLimits() }

    init(_ configs: [CreateTopicsRequest.Config]) throws(Invalid) {
        noteLimits()
        for config in configs { try set(config.name, to: config.value) }
    }

    /// Sets a key; null takes it back to its default.
    mutating func set(_ name: String, to value: String?) throws(Invalid) {
        defer { noteLimits() }
        guard let key = TopicConfigurationKey.byName[name] else {
            throw Invalid(description: "Unknown topic configuration key \(Self.excerpt(name))")
        }
        guard let value else {
            values[name] = nil
            return
        }
        guard key.isValid(value) else {
            throw Invalid(description: "Invalid value \(Self.excerpt(value)) for topic configuration key \(name)")
        }
        values[name] = value
    }

    /// What a client sent, short enough for what repeats it to fit into an answer.
    private static func excerpt(_ text: String) -> String {
        let longest = 200
        return text.count > longest ? text.prefix(longest) + "..." : text
    }

    subscript(name: String) -> String {
        values[name] ?? TopicConfigurationKey.byName[name]?.initial ?? ""
    }

    private mutating func noteLimits() {
        isCompacted = self["cleanup.policy"].contains("compact")
        maximumBatchBytes = Int(number("max.message.bytes"))
    }

    var logLimits: PartitionLog.Limits {
        PartitionLog.Limits(
            segmentBytes: Int(number("segment.bytes")), segmentMilliseconds: number("segment.ms"))
    }

    /// Nil when nothing is removed for its age or for want of room.
    var retention: RetentionRule? {
        guard self["cleanup.policy"].contains("delete") else { return nil }
        let (milliseconds, bytes) = (number("retention.ms"), number("retention.bytes"))
        return RetentionRule(milliseconds: milliseconds < 0 ? nil : milliseconds, bytes: bytes < 0 ? nil : Int(bytes))
    }

    /// Nil when the topic is not compacted.
    func compaction(defaultRatio: Double) -> CompactionRule? {
        guard isCompacted else { return nil }
        return CompactionRule(
            minimumDirtyRatio: values["min.cleanable.dirty.ratio"].flatMap(Double.init) ?? defaultRatio,
            minimumLagMilliseconds: number("min.compaction.lag.ms"),
            maximumLagMilliseconds: number("max.compaction.lag.ms"),
            deleteRetentionMilliseconds: number("delete.retention.ms"),
            segmentBytes: Int(number("segment.bytes")))
    }

    /// A key whose definition admits whole numbers only.
    private func number(_ name: String) -> Int64 { Int64(self[name]) ?? .max }

    var configs: [CreateTopicsRequest.Config] {
        values.sorted { $0.key < $1.key }.map { CreateTopicsRequest.Config(name: $0.key, value: $0.value) }
    }
}
