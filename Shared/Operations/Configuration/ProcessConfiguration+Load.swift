// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging

extension ProcessConfiguration {
    /// Reads and checks every setting that all processes share.
    /// - Parameters:
    ///   - service: The service's name; part of its own keys.
    ///   - arguments: The command line, the program's name first.
    ///   - environment: Variables by name.
    /// - Throws: `ConfigurationError` with every problem found.
    public static func load(
        service: String, arguments: [String] = CommandLine.arguments,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> ProcessConfiguration {
        var loader = Loader(service: service, arguments: Array(arguments.dropFirst()), environment: environment)
        let configuration = loader.load()
        guard loader.problems.isEmpty else { throw ConfigurationError(loader.problems) }
        return configuration
    }
}

/// Collects problems instead of stopping at the first.
private struct Loader {
    let service: String
    let sources: SettingSources
    var problems: [ConfigurationError.Problem]

    init(service: String, arguments: [String], environment: [String: String]) {
        self.service = service
        let flags = Flags.parse(arguments)
        problems = flags.problems
        let fileKey = SettingKey("configuration-file", scope: .suite, service: service)
        var file: [String: String] = [:]
        if let path = SettingSources(flags: flags.values, environment: environment, file: [:]).value(fileKey) {
            let read = PropertiesFile.read(path, key: fileKey.environmentName)
            problems += read.problems
            file = read.values
        }
        sources = SettingSources(flags: flags.values, environment: environment, file: file)
        _ = sources.value(fileKey)
    }

    mutating func load() -> ProcessConfiguration {
        let explicitInstance = text("instance", "letters, digits, dots, dashes and underscores, at most 100") {
            Self.isName($0) ? $0 : nil
        }
        let data = text("data-directory", "a path") { $0 } ?? ".relay"
        return ProcessConfiguration(
            service: service,
            instance: explicitInstance ?? "\(service)-\(Self.hostName)-\(ProcessInfo.processInfo.processIdentifier)",
            instanceIsExplicit: explicitInstance != nil,
            lane: text("lane", "primary or fallback") { ["primary", "fallback"].contains($0) ? $0 : nil } ?? "primary",
            kafkaBootstrapServers: text("kafka-bootstrap-servers", "a list of host:port", Self.servers)
                ?? ["127.0.0.1:9092"],
            kafkaProperties: kafkaProperties(),
            kafkaSessionTimeout: text("kafka-session-timeout", DurationText.form, DurationText.parse) ?? .seconds(6),
            topicPrefix: text("topic-prefix", "letters, digits, dots, dashes and underscores, at most 100") {
                Self.isName($0) ? $0 : nil
            } ?? "relay.",
            httpHost: text("http-host", "an address") { $0 } ?? "127.0.0.1",
            httpPort: text("http-port", "a port from 0 to 65535") { UInt16($0).map(Int.init) } ?? 0,
            addressFile: text("address-file", "a path") { $0 },
            dataDirectory: data,
            storeDirectory: text("store-directory", "a path") { $0 } ?? data + "/store",
            logLevel: text("log-level", Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) {
                Logger.Level(rawValue: $0.lowercased())
            } ?? .info,
            logFormat: text("log-format", "json or text", ProcessConfiguration.LogFormat.init)
                ?? (isatty(STDERR_FILENO) == 1 ? .text : .json),
            sources: sources)
    }

    private mutating func text<Value>(_ name: String, _ form: String, _ parse: (String) -> Value?) -> Value? {
        let key = SettingKey(name, scope: .suite, service: service)
        guard let text = sources.value(key) else { return nil }
        guard let value = parse(text) else {
            problems.append(.init(key: key.environmentName, reason: "\"\(text)\" is not \(form)"))
            return nil
        }
        return value
    }

    private mutating func kafkaProperties() -> [String: String] {
        let key = SettingKey("kafka-properties-file", scope: .suite, service: service)
        guard let path = sources.value(key) else { return [:] }
        let read = PropertiesFile.read(path, key: key.environmentName)
        problems += read.problems
        return read.values
    }

    private static func servers(_ text: String) -> [String]? {
        let servers = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let valid = servers.allSatisfy { server in
            guard let colon = server.lastIndex(of: ":"), colon != server.startIndex else { return false }
            return UInt16(server[server.index(after: colon)...]).map { $0 > 0 } ?? false
        }
        return valid && !servers.isEmpty ? servers : nil
    }

    /// What Kafka allows in the names of topics and groups.
    private static func isName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static var hostName: String {
        let name = ProcessInfo.processInfo.hostName
        let plain = String(name.prefix { $0 != "." }.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        return plain.isEmpty ? "host" : plain
    }
}
