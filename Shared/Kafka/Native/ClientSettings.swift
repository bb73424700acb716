// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// librdkafka properties of one client: what this library decides, with the user's own laid over it.
struct ClientSettings: Sendable {
    /// Property names and values that this library sets. Not secret.
    private(set) var own: [String: String]
    /// The user's properties. Secret.
    let overrides: [String: String]

    /// The properties that every kind of client has.
    init(_ configuration: KafkaConfiguration, operation: String) throws {
        let problems = configuration.problems
        guard problems.isEmpty else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: problems.joined(separator: "; "))
        }
        overrides = configuration.properties
        own = [
            "bootstrap.servers": configuration.bootstrapServers.joined(separator: ","),
            "client.id": configuration.clientID,
            "broker.address.family": "v4",
            // Small requests must not wait for the previous one's acknowledgement.
            "socket.nagle.disable": "true",
            "socket.keepalive.enable": "true",
            "socket.timeout.ms": "10000",
            "reconnect.backoff.ms": "50",
            "reconnect.backoff.max.ms": "1000",
            "topic.metadata.refresh.interval.ms": "30000",
            "topic.metadata.refresh.fast.interval.ms": "100",
            "log_level": "6",
            "log.connection.close": "false",
        ]
    }

    /// Adds properties of the kind of client.
    mutating func set(_ properties: [String: String]) {
        own.merge(properties) { _, new in new }
    }

    /// Builds librdkafka's configuration object, which the caller owns.
    /// - Throws: `.invalidConfiguration`, which names every property that is wrong and shows no value of the user's.
    func makeNative(operation: String) throws -> OpaquePointer {
        guard let conf = rd_kafka_conf_new() else {
            throw KafkaError(code: .other, operation: operation, message: "out of memory")
        }
        var problems: [String] = []
        for (properties, isSecret) in [(own, false), (overrides, true)] {
            for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
                if let problem = Self.apply(name, value, to: conf, isSecret: isSecret) { problems.append(problem) }
            }
        }
        guard problems.isEmpty else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: problems.joined(separator: "; "))
        }
        return conf
    }

    private static func apply(_ name: String, _ value: String, to conf: OpaquePointer, isSecret: Bool) -> String? {
        var reason = [CChar](repeating: 0, count: 512)
        switch rd_kafka_conf_set(conf, name, value, &reason, reason.count) {
        case RD_KAFKA_CONF_OK: return nil
        case RD_KAFKA_CONF_UNKNOWN: return "there is no property \"\(name)\""
        default:
            // librdkafka's reason may repeat the value, so it is only shown for values of our own.
            return isSecret
                ? "the value of property \"\(name)\" is not accepted"
                : "property \"\(name)\": \(string(fromBuffer: reason))"
        }
    }
}

extension KafkaConfiguration {
    /// All that can be seen to be wrong without asking librdkafka.
    var problems: [String] {
        var problems: [String] = []
        if bootstrapServers.isEmpty { problems.append("no bootstrap server is given") }
        for server in bootstrapServers where server.isEmpty || server.contains(",") || server.contains(" ") {
            problems.append("bootstrap server \"\(server)\" is not of the form host:port")
        }
        if clientID.isEmpty { problems.append("the client id is empty") }
        return problems
    }
}

/// Decodes what C wrote into a fixed buffer.
func string(fromBuffer buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
