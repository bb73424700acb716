// SPDX-License-Identifier: Apache-2.0

/// The settings that can be given by name, as text.
///
/// Names and units are those of Apache Kafka's broker; `request.receive.timeout.ms`, `response.unread.timeout.ms` and
/// `queued.max.response.bytes` are this broker's own.
public enum BrokerSettings {
    /// Why a setting cannot be taken.
    public enum Refusal: Error, Equatable, CustomStringConvertible {
        /// No setting has this name.
        case unknownName(String)
        /// The value is not a whole number that the setting allows.
        case invalidValue(name: String, value: String, least: Int)

        /// What is wrong and what would be right.
        public var description: String {
            switch self {
            case .unknownName(let name):
                "no setting is named '\(name)'; there are \(BrokerSettings.names.joined(separator: ", "))"
            case .invalidValue(let name, let value, let least):
                "'\(value)' is no value for \(name): it takes a whole number from \(least) on"
            }
        }
    }

    private struct Row {
        var name: String
        var least: Int
        var apply: @Sendable (inout BrokerConfiguration, Int) -> Void
    }

    private static let rows = [
        Row(name: "connections.max.idle.ms", least: 1) { $0.limits.connectionsMaxIdle = .milliseconds($1) },
        Row(name: "max.connections", least: 1) { $0.limits.maxConnections = $1 },
        Row(name: "max.connections.per.ip", least: 1) { $0.limits.maxConnectionsPerIP = $1 },
        Row(name: "queued.max.request.bytes", least: 1) { $0.limits.queuedMaxRequestBytes = $1 },
        Row(name: "queued.max.response.bytes", least: 1) { $0.limits.queuedMaxResponseBytes = $1 },
        Row(name: "request.receive.timeout.ms", least: 1) { $0.limits.requestReceiveTimeout = .milliseconds($1) },
        Row(name: "response.unread.timeout.ms", least: 1) { $0.limits.unreadAnswerTimeout = .milliseconds($1) },
        Row(name: "socket.request.max.bytes", least: 1024) { $0.limits.socketRequestMaxBytes = $1 },
    ]

    /// All names, sorted.
    public static var names: [String] { rows.map(\.name) }

    /// Changes one setting of a configuration.
    public static func set(
        _ name: String, to value: String, in configuration: inout BrokerConfiguration
    ) throws(Refusal) {
        guard let row = rows.first(where: { $0.name == name }) else { throw .unknownName(name) }
        // Larger numbers than a 32-bit one mean "no limit" in Kafka's files too.
        guard let number = Int(value), number >= row.least, number <= 1 << 40 else {
            throw .invalidValue(name: name, value: value, least: row.least)
        }
        row.apply(&configuration, number)
    }
}
