// SPDX-License-Identifier: Apache-2.0

/// The settings that can be given by name, as text.
///
/// Names and units are those of Apache Kafka's broker; `groups.max`, `groups.max.bytes`, `group.member.max.bytes`,
/// `request.receive.timeout.ms`, `response.unread.timeout.ms`, `queued.max.response.bytes` and `fetch.gathering.ms` are
/// this broker's own.
public enum BrokerSettings {
    /// Why a setting cannot be taken.
    public enum Refusal: Error, Equatable, CustomStringConvertible {
        /// No setting has this name.
        case unknownName(String)
        /// The value is none that the setting allows.
        case invalidValue(name: String, value: String, expected: String)

        /// What is wrong and what would be right.
        public var description: String {
            switch self {
            case .unknownName(let name):
                "no setting is named '\(name)'; there are \(BrokerSettings.names.joined(separator: ", "))"
            case .invalidValue(let name, let value, let expected):
                "'\(value)' is no value for \(name): it takes \(expected)"
            }
        }
    }

    private struct Row {
        var name: String
        var expected: String
        /// False when the text is no value.
        var apply: @Sendable (inout BrokerConfiguration, String) -> Bool

        init(_ name: String, least: Int, _ apply: @escaping @Sendable (inout BrokerConfiguration, Int) -> Void) {
            self.name = name
            expected = "a whole number from \(least) on"
            self.apply = { configuration, text in
                // Larger numbers than a 32-bit one mean "no limit" in Kafka's files too.
                guard let number = Int(text), number >= least, number <= 1 << 40 else { return false }
                apply(&configuration, number)
                return true
            }
        }

        init(
            _ name: String, expected: String,
            _ apply: @escaping @Sendable (inout BrokerConfiguration, String) -> Bool
        ) {
            self.name = name
            self.expected = expected
            self.apply = apply
        }
    }

    private static let rows = ([connections, groups, transactions, logs] as [[Row]]).joined().sorted {
        $0.name < $1.name
    }

    private static let connections = [
        Row("connections.max.idle.ms", least: 1) { $0.limits.connectionsMaxIdle = .milliseconds($1) },
        Row("max.connections", least: 1) { $0.limits.maxConnections = $1 },
        Row("max.connections.per.ip", least: 1) { $0.limits.maxConnectionsPerIP = $1 },
        Row("queued.max.request.bytes", least: 1) { $0.limits.queuedMaxRequestBytes = $1 },
        Row("queued.max.response.bytes", least: 1) { $0.limits.queuedMaxResponseBytes = $1 },
        Row("request.receive.timeout.ms", least: 1) { $0.limits.requestReceiveTimeout = .milliseconds($1) },
        Row("response.unread.timeout.ms", least: 1) { $0.limits.unreadAnswerTimeout = .milliseconds($1) },
        Row("socket.request.max.bytes", least: 1024) { $0.limits.socketRequestMaxBytes = $1 },
    ]

    private static let groups = [
        Row("group.max.size", least: 1) { $0.groupLimits.maxSize = $1 },
        Row("group.member.max.bytes", least: 1024) { $0.groupLimits.memberMaxBytes = $1 },
        Row("groups.max", least: 1) { $0.groupLimits.maxGroups = $1 },
        Row("groups.max.bytes", least: 1024) { $0.groupLimits.maxBytes = $1 },
        Row("offset.metadata.max.bytes", least: 0) { $0.offsetMetadataMaxBytes = min($1, Int(Int16.max)) },
        Row("offsets.retention.minutes", least: 1) { $0.offsetsRetention = .seconds(60 * $1) },
    ]

    private static let transactions = [
        Row("producer.id.expiration.ms", least: 1) { $0.producerIDExpiration = .milliseconds($1) },
        Row("transaction.max.timeout.ms", least: 1) { $0.transactionMaxTimeout = .milliseconds($1) },
        Row("transactional.id.expiration.ms", least: 1) { $0.transactionalIDExpiration = .milliseconds($1) },
    ]

    private static let logs = [
        Row("auto.create.topics.enable", expected: "true or false") { configuration, text in
            guard let isOn = Bool(text) else { return false }
            configuration.autoCreateTopics = isOn
            return true
        },
        Row("fetch.max.bytes", least: 1024) { $0.maximumFetchBytes = min($1, Int(Int32.max)) },
        Row("fetch.gathering.ms", least: 0) { $0.fetchGathering = .milliseconds($1) },
        Row("log.cleaner.backoff.ms", least: 1) { $0.cleaningInterval = .milliseconds($1) },
        Row("log.cleaner.min.cleanable.ratio", expected: "a number from 0 to 1") { configuration, text in
            guard let ratio = Double(text), (0...1).contains(ratio) else { return false }
            configuration.minimumCleanableRatio = ratio
            return true
        },
        Row("log.retention.check.interval.ms", least: 1) { $0.retentionInterval = .milliseconds($1) },
        Row("num.partitions", least: 1) { $0.defaultPartitions = Int32(clamping: min($1, 1000)) },
    ]

    /// All names, sorted.
    public static var names: [String] { rows.map(\.name) }

    /// Changes one setting of a configuration.
    public static func set(
        _ name: String, to value: String, in configuration: inout BrokerConfiguration
    ) throws(Refusal) {
        guard let row = rows.first(where: { $0.name == name }) else { throw .unknownName(name) }
        guard row.apply(&configuration, value) else {
            throw .invalidValue(name: name, value: value, expected: row.expected)
        }
    }
}
