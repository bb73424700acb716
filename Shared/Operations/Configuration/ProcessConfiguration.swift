// SPDX-License-Identifier: Apache-2.0

public import Logging

/// What every process reads at start: flags over environment over an optional file (`RELAY_CONFIGURATION_FILE`).
///
/// | key | default | meaning |
/// |---|---|---|
/// | `RELAY_CONFIGURATION_FILE` | none | file of `RELAY_...=value` lines, weaker than environment and flags |
/// | `RELAY_KAFKA_BOOTSTRAP_SERVERS` | `127.0.0.1:9092` | comma-separated `host:port` |
/// | `RELAY_KAFKA_PROPERTIES_FILE` | none | librdkafka properties, `key=value` lines |
/// | `RELAY_KAFKA_SESSION_TIMEOUT` | `6s` | after which the broker takes a dead member's partitions |
/// | `RELAY_TOPIC_PREFIX` | `relay.` | precedes every topic, group and transactional id |
/// | `RELAY_INSTANCE` | `<service>-<host>-<pid>` | unique per live instance; given explicitly it is a static member |
/// | `RELAY_LANE` | `primary` | `primary` or `fallback` |
/// | `RELAY_HTTP_HOST` | `127.0.0.1` | address to listen on |
/// | `RELAY_HTTP_PORT` | `0` | 0 takes any free port |
/// | `RELAY_ADDRESS_FILE` | none | `{"host","port","pid"}`, written once bound |
/// | `RELAY_DATA_DIRECTORY` | `.relay` | what the process keeps on disk |
/// | `RELAY_STORE_DIRECTORY` | `<data>/store` | the artifact store |
/// | `RELAY_LOG_LEVEL` | `info` | `trace` to `critical` |
/// | `RELAY_LOG_FORMAT` | `text` on a terminal, else `json` | |
///
/// Each key is also a flag: `--kafka-bootstrap-servers`.
public struct ProcessConfiguration: Sendable {
    /// How log lines are written.
    public enum LogFormat: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case json
        /// For people.
        case text
    }

    /// The service's name, as in `pipeline`.
    public var service: String
    /// Unique per live instance.
    public var instance: String
    /// Whether `RELAY_INSTANCE` named the instance, so that it keeps its name over restarts.
    public var instanceIsExplicit: Bool
    /// `primary` or `fallback`.
    public var lane: String
    /// `host:port`, at least one.
    public var kafkaBootstrapServers: [String]
    /// librdkafka properties as given; may hold secrets.
    public var kafkaProperties: [String: String]
    /// After which the broker gives a dead group member's partitions to another.
    public var kafkaSessionTimeout: Duration
    /// Precedes every topic, group and transactional id.
    public var topicPrefix: String
    /// The address to listen on.
    public var httpHost: String
    /// The port to listen on; 0 takes any.
    public var httpPort: Int
    /// Where to write the address once bound.
    public var addressFile: String?
    /// What the process keeps on disk.
    public var dataDirectory: String
    /// The artifact store.
    public var storeDirectory: String
    /// The least severe level that is logged.
    public var logLevel: Logger.Level
    /// How log lines are written.
    public var logFormat: LogFormat

    let sources: SettingSources
}

extension ProcessConfiguration {
    /// A setting of the service's own (`RELAY_<SERVICE>_<KEY>`), or of the suite (`RELAY_<KEY>`).
    /// - Parameter key: Words in any case: `stallAfter`, `stall-after` and `STALL_AFTER` are the same.
    public func string(_ key: String, scope: SettingScope = .service, default: String) -> String {
        optionalString(key, scope: scope) ?? `default`
    }

    /// A setting without a default; nil when it is not set.
    public func optionalString(_ key: String, scope: SettingScope = .service) -> String? {
        sources.value(SettingKey(key, scope: scope, service: service))
    }

    /// A whole number within a range.
    /// - Throws: `ConfigurationError` naming the key when the value is something else.
    public func int(
        _ key: String, scope: SettingScope = .service, default: Int, in range: ClosedRange<Int> = 0...Int.max
    ) throws(ConfigurationError) -> Int {
        try parsed(key, scope, default: `default`, form: Self.form(range)) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number within a range.
    /// - Throws: `ConfigurationError` naming the key when the value is something else.
    public func double(
        _ key: String, scope: SettingScope = .service, default: Double, in range: ClosedRange<Double>
    ) throws(ConfigurationError) -> Double {
        try parsed(key, scope, default: `default`, form: "a number from \(range.lowerBound) to \(range.upperBound)") {
            Double($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `true` or `false`, also `yes`, `no`, `1`, `0`.
    /// - Throws: `ConfigurationError` naming the key when the value is something else.
    public func bool(
        _ key: String, scope: SettingScope = .service, default: Bool
    ) throws(ConfigurationError) -> Bool {
        try parsed(key, scope, default: `default`, form: "true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "1": true
            case "false", "no", "0": false
            default: nil
            }
        }
    }

    /// A duration with its unit: `250ms`, `1.5s`, `10m`, `7h`.
    /// - Throws: `ConfigurationError` naming the key when the value is something else.
    public func duration(
        _ key: String, scope: SettingScope = .service, default: Duration
    ) throws(ConfigurationError) -> Duration {
        try parsed(key, scope, default: `default`, form: DurationText.form, DurationText.parse)
    }

    /// Refuses flags that nothing has asked for; to be called once everything has read its settings.
    /// - Throws: `ConfigurationError` naming them.
    public func refuseUnknownFlags() throws(ConfigurationError) {
        let unknown = sources.unknownFlags()
        guard unknown.isEmpty else {
            throw ConfigurationError(unknown.map { .init(key: $0, reason: "is not a setting of \(service)") })
        }
    }

    private func parsed<Value>(
        _ key: String, _ scope: SettingScope, default: Value, form: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value {
        let key = SettingKey(key, scope: scope, service: service)
        guard let text = sources.value(key) else { return `default` }
        guard let value = parse(text) else {
            throw ConfigurationError(key: key.environmentName, reason: "\"\(text)\" is not \(form)")
        }
        return value
    }

    private static func form(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}
