// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging

extension ProcessConfiguration {
    /// Reads and checks every setting of a process.
    /// - Parameters:
    ///   - service: The service's name; part of its own keys.
    ///   - settings: What it reads besides what all processes read.
    ///   - arguments: The command line, the program's name first.
    ///   - environment: Variables by name.
    /// - Throws: `ConfigurationError` with every problem found; a flag that is no setting is one.
    public static func load(
        service: String, settings: [SettingGroup] = [], arguments: [String] = CommandLine.arguments,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> ProcessConfiguration {
        let flags = Flags.parse(Array(arguments.dropFirst()))
        var problems = flags.problems
        var file: [String: String] = [:]
        if let path = SettingSources(flags: flags.values, environment: environment, file: [:])
            .value(Keys.file.declaration.key(of: service))
        {
            file = read(path, Keys.file, &problems)
        }
        let sources = SettingSources(flags: flags.values, environment: environment, file: file)
        let declared = ([Self.settings] + settings).flatMap(\.settings)
        let keys = declared.map { $0.key(of: service) }
        problems += sources.flags(besides: keys).map { .init(key: $0, reason: "is not a setting of \(service)") }
        for (setting, key) in zip(declared, keys) {
            guard let text = sources.value(key), !setting.accepts(text) else { continue }
            problems.append(.init(key: key.environmentName, reason: "\"\(text)\" is not \(setting.form)"))
        }
        let properties = sources.value(Keys.properties.declaration.key(of: service))
            .map { read($0, Keys.properties, &problems) }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return try ProcessConfiguration(service: service, properties: properties ?? [:], sources: sources)
    }

    private static func read(
        _ path: String, _ setting: Setting<String?>, _ problems: inout [ConfigurationError.Problem]
    ) -> [String: String] {
        let read = PropertiesFile.read(path, key: setting.declaration.key(of: "").environmentName)
        problems += read.problems
        return read.values
    }

    private init(
        service: String, properties: [String: String], sources: SettingSources
    ) throws(ConfigurationError) {
        func value<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value {
            try sources.value(of: setting, service: service)
        }
        let instance = try value(Keys.instance)
        let data = try value(Keys.dataDirectory)
        self.init(
            service: service,
            instance: instance ?? "\(service)-\(Self.hostName)-\(ProcessInfo.processInfo.processIdentifier)",
            instanceIsExplicit: instance != nil,
            lane: try value(Keys.lane),
            kafkaBootstrapServers: try value(Keys.servers),
            kafkaProperties: properties,
            kafkaSessionTimeout: try value(Keys.sessionTimeout),
            kafkaGatheringWait: try value(Keys.gatheringWait),
            topicPrefix: try value(Keys.prefix),
            httpHost: try value(Keys.httpHost),
            httpPort: try value(Keys.httpPort),
            addressFile: try value(Keys.addressFile),
            dataDirectory: data,
            storeDirectory: try value(Keys.storeDirectory) ?? data + "/store",
            logLevel: try value(Keys.logLevel),
            logFormat: try value(Keys.logFormat) ?? (isatty(STDERR_FILENO) == 1 ? .text : .json),
            tracesEndpoint: try value(Keys.tracesEndpoint),
            tracesAuthorityFile: try value(Keys.tracesAuthorityFile),
            sources: sources)
    }

    private static var hostName: String {
        let name = ProcessInfo.processInfo.hostName
        let plain = String(name.prefix { $0 != "." }.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        return plain.isEmpty ? "host" : plain
    }
}
