// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging

extension ProcessConfiguration {
    /// What every process reads.
    public static let settings = SettingGroup(
        "Every service",
        [
            Keys.file.declaration, Keys.servers.declaration, Keys.properties.declaration,
            Keys.sessionTimeout.declaration, Keys.gatheringWait.declaration, Keys.prefix.declaration,
            Keys.instance.declaration,
            Keys.lane.declaration, Keys.httpHost.declaration, Keys.httpPort.declaration,
            Keys.allowedHosts.declaration, Keys.headTimeout.declaration, Keys.bodyTimeout.declaration,
            Keys.idleTimeout.declaration, Keys.bodies.declaration, Keys.connections.declaration,
            Keys.addressFile.declaration, Keys.dataDirectory.declaration, Keys.storeDirectory.declaration,
            Keys.logLevel.declaration, Keys.logFormat.declaration, Keys.tracesEndpoint.declaration,
            Keys.tracesAuthorityFile.declaration,
        ])

    enum Keys {
        static let file = Setting<String?>.text(
            "configuration-file", scope: .suite, form: "a path", "file of `RELAY_...=value` lines")
        static let servers = Setting(
            "kafka-bootstrap-servers", scope: .suite, form: "a list of host:port", default: ["127.0.0.1:9092"],
            shown: "`127.0.0.1:9092`", "where Kafka is: comma-separated `host:port`", parse: servers(_:))
        static let properties = Setting<String?>.text(
            "kafka-properties-file", scope: .suite, form: "a path",
            "librdkafka properties, `key=value` lines; they win over the suite's own, and are never logged")
        static let sessionTimeout = Setting<Duration>.duration(
            "kafka-session-timeout", scope: .suite, default: .seconds(6),
            "after which the broker gives a dead member's partitions to another")
        static let gatheringWait = Setting<Duration>.duration(
            "kafka-gathering-wait", scope: .suite, default: .milliseconds(100), atLeast: .milliseconds(1),
            "for which the broker may keep records back from who only shows them; longer for a broker that answers "
                + "soon once there is something, as the embedded one of `relay up` does")
        static let prefix = Setting(
            "topic-prefix", scope: .suite, form: nameForm, default: "relay.", shown: "`relay.`",
            "precedes every topic, group and transactional id", parse: name(_:))
        static let instance = Setting<String?>.text(
            "instance", scope: .suite, form: nameForm, shown: "`<service>-<host>-<pid>`",
            "unique among live instances; given, it keeps its partitions over a restart"
        ) { name($0) != nil }
        static let lane = Setting(
            "lane", scope: .suite, form: "primary or fallback", default: "primary", shown: "`primary`",
            "which consumer group of its leg a service joins"
        ) { ["primary", "fallback"].contains($0) ? $0 : nil }
        static let httpHost = Setting(
            "http-host", scope: .suite, form: "an address", default: "127.0.0.1", shown: "`127.0.0.1`",
            "address to listen on"
        ) { $0 }
        static let httpPort = Setting<Int>.int(
            "http-port", scope: .suite, default: 0, in: 0...65535, "port to listen on; 0 takes any free one")
        static let allowedHosts = Setting(
            "http-allowed-hosts", scope: .suite, form: AllowedHosts.form, default: AllowedHosts(), shown: "none",
            "names and addresses by which HTTP may be asked, besides loopback and the address listened on"
        ) { AllowedHosts($0) }
        static let headTimeout = Setting<Duration>.duration(
            "http-head-timeout", scope: .suite, default: EdgeLimits().head, atLeast: .milliseconds(100),
            "from the opening of a connection until its first request's head is whole")
        static let bodyTimeout = Setting<Duration>.duration(
            "http-body-timeout", scope: .suite, default: EdgeLimits().body, atLeast: .milliseconds(100),
            "from a request's head until its body is whole")
        static let idleTimeout = Setting<Duration>.duration(
            "http-idle-timeout", scope: .suite, default: EdgeLimits().idle, atLeast: .milliseconds(100),
            "from an answer until the next request over the same connection; longer than a proxy in front keeps it")
        static let bodies = Setting<Int>.int(
            "http-bodies-mebibytes", scope: .suite, default: EdgeLimits().bodiesBytes >> 20, in: 1...1_048_576,
            "bodies of requests that one server holds at once, in MiB; what does not fit is answered with 503")
        static let connections = Setting<Int>.int(
            "http-connections", scope: .suite, default: EdgeLimits().connections, in: 1...1_000_000,
            "open connections of one server beyond which only health and metrics are answered, all else with 503")
        static let addressFile = Setting<String?>.text(
            "address-file", scope: .suite, form: "a path",
            "file that gets `{\"host\",\"port\",\"pid\"}` once it listens")
        static let dataDirectory = Setting(
            "data-directory", scope: .suite, form: "a path", default: ".relay", shown: "`.relay`",
            "what the process keeps on disk"
        ) { $0 }
        static let storeDirectory = Setting<String?>.text(
            "store-directory", scope: .suite, form: "a path", shown: "`<data>/store`",
            "the artifact store; the same for pipeline, deploy and monitor")
        static let logLevel = Setting(
            "log-level", scope: .suite, form: "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
            default: Logger.Level.info, shown: "`info`", "the least severe level that is logged"
        ) { Logger.Level(rawValue: $0.lowercased()) }
        static let logFormat = Setting<LogFormat?>(
            "log-format", scope: .suite, form: "json or text", default: nil, shown: "`text` on a terminal, else `json`",
            "how log lines are written"
        ) { LogFormat(rawValue: $0) }
        static let tracesEndpoint = Setting<String?>.text(
            "traces-endpoint", scope: .suite,
            form: "a URL of the form http://host:port or https://host:port without user, password or query",
            "base URL of a collector that takes OTLP over HTTP as JSON; spans go to `<url>/v1/traces`",
            accepts: TraceExporter.isEndpoint)
        static let tracesAuthorityFile = Setting<String?>.text(
            "traces-ca-file", scope: .suite, form: "a path", shown: "the system's authorities",
            "certificates in PEM, which alone are believed when the endpoint is https")

        private static let nameForm = "letters, digits, dots, dashes and underscores, at most 100"

        private static func servers(_ text: String) -> [String]? {
            let servers = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let valid = servers.allSatisfy { server in
                guard let colon = server.lastIndex(of: ":"), colon != server.startIndex else { return false }
                return UInt16(server[server.index(after: colon)...]).map { $0 > 0 } ?? false
            }
            return valid && !servers.isEmpty ? servers : nil
        }

        /// What Kafka allows in the names of topics and groups.
        private static func name(_ text: String) -> String? {
            let isName =
                (1...100).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                        UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
            return isName ? text : nil
        }
    }
}
