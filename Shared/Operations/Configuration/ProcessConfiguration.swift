// SPDX-License-Identifier: Apache-2.0

public import Logging

/// What every process reads at start: flags over environment over an optional file (`RELAY_CONFIGURATION_FILE`).
///
/// Each key is also a flag: `RELAY_HTTP_PORT` is `--http-port`. `--help` lists all that a process reads.
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
    /// For how long the broker may keep an answer back from who shows records, so that many come at once.
    public var kafkaGatheringWait: Duration
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
    /// Base URL of a collector of traces; nil when none are exported.
    public var tracesEndpoint: String?
    /// Certificates that alone are believed when a collector of traces is asked by HTTPS; nil for the system's.
    public var tracesAuthorityFile: String?

    let sources: SettingSources
}

extension ProcessConfiguration {
    /// What a setting says, or its default.
    /// - Throws: `ConfigurationError` naming the key when the value is not of the setting's form.
    public func value<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value {
        try sources.value(of: setting, service: service)
    }

    /// Whether somebody set it.
    public func isSet<Value>(_ setting: Setting<Value>) -> Bool {
        sources.value(setting.declaration.key(of: service)) != nil
    }

    /// By which names the process may be asked over HTTP, besides loopback and its own address.
    public var allowedHosts: AllowedHosts {
        get throws(ConfigurationError) { try value(Keys.allowedHosts) }
    }

    /// Whether Kafka's address is given, and not the default.
    public var namesKafka: Bool { isSet(Keys.servers) }

    /// Whether the artifact store's directory is given, and not the default.
    public var namesStore: Bool { isSet(Keys.storeDirectory) }
}
