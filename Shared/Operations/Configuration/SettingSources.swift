// SPDX-License-Identifier: Apache-2.0

import Configuration
import Foundation

/// Where settings come from: flags over environment over a file of `RELAY_...=value` lines.
struct SettingSources: Sendable {
    private let reader: ConfigReader
    private let flags: [String: String]

    init(flags: [String: String], environment: [String: String], file: [String: String]) {
        self.flags = flags
        // An empty variable is what a compose file leaves behind for an unset one.
        let layers = [flags, environment, file].map { layer in
            EnvironmentVariablesProvider(environmentVariables: layer.filter { !$0.value.isEmpty })
        }
        reader = ConfigReader(providers: layers)
    }

    /// The value under a key, from the strongest source that has one.
    func value(_ key: SettingKey) -> String? { reader.string(forKey: ConfigKey(["relay"] + key.words)) }

    /// What a setting of a service says, or its default.
    /// - Throws: `ConfigurationError` naming the key when the value is not of the setting's form.
    func value<Value>(of setting: Setting<Value>, service: String) throws(ConfigurationError) -> Value {
        let key = setting.declaration.key(of: service)
        guard let text = value(key) else { return setting.fallback }
        guard let value = setting.parse(text) else {
            throw ConfigurationError(
                key: key.environmentName, reason: "\"\(text)\" is not \(setting.declaration.form)")
        }
        return value
    }

    /// Flags that were given and are none of these.
    func flags(besides keys: [SettingKey]) -> [String] {
        let known = Set(keys.map(\.environmentName))
        return flags.keys.filter { !known.contains($0) }.sorted().map { name in
            "--" + name.dropFirst("RELAY_".count).lowercased().replacing("_", with: "-")
        }
    }
}

/// `--key value` and `--key=value`; a flag without a value is `true`.
enum Flags {
    /// - Returns: Values by the environment form of their key.
    static func parse(_ arguments: [String]) -> (values: [String: String], problems: [ConfigurationError.Problem]) {
        var values: [String: String] = [:]
        var problems: [ConfigurationError.Problem] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                problems.append(.init(key: argument, reason: "is not a flag; write --key value"))
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count == 2 ? String(parts[1]) : nil
            if value == nil, let next = rest.first, !next.hasPrefix("--") { value = rest.popFirst() }
            let name = "RELAY_" + parts[0].dropFirst(2).uppercased().replacing("-", with: "_")
            if values.updateValue(value ?? "true", forKey: name) != nil {
                problems.append(.init(key: String(parts[0]), reason: "is given twice"))
            }
        }
        return (values, problems)
    }
}

/// `key=value` lines with `#` comments.
enum PropertiesFile {
    /// Reads a file; a problem names its line and never its content, which may be a secret.
    static func read(_ path: String, key: String) -> (values: [String: String], problems: [ConfigurationError.Problem])
    {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            return ([:], [.init(key: key, reason: "the file \(path) cannot be read as UTF-8 text")])
        }
        var values: [String: String] = [:]
        var problems: [ConfigurationError.Problem] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            guard parts.count == 2, !name.isEmpty else {
                problems.append(.init(key: key, reason: "\(path) line \(index + 1) is not of the form key=value"))
                continue
            }
            values[name] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return (values, problems)
    }
}
