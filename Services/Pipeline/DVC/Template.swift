// SPDX-License-Identifier: Apache-2.0

import Baton
import YAML

/// `${...}` in the texts of a `dvc.yaml`.
struct Template {
    /// What the names stand for.
    var values: YAMLMap

    /// Resolves every text inside a value.
    /// - Parameter acceptsOptions: whether a map may stand in a text, where it becomes command line options.
    func resolve(_ value: YAMLValue, acceptsOptions: Bool = false) throws(Refusal) -> YAMLValue {
        switch value {
        case .text(let text): return try resolve(text, acceptsOptions: acceptsOptions)
        case .list(let items):
            var resolved: [YAMLValue] = []
            for item in items { resolved.append(try resolve(item, acceptsOptions: acceptsOptions)) }
            return .list(resolved)
        case .map(let map):
            var resolved = YAMLMap()
            for entry in map.entries {
                guard case .text(let key) = try resolve(entry.key, acceptsOptions: false) else {
                    throw Refusal("\"\(entry.key)\" does not give a text, so it cannot be a key")
                }
                resolved[key] = try resolve(entry.value, acceptsOptions: acceptsOptions || key == "cmd")
            }
            return .map(resolved)
        default: return value
        }
    }

    /// A text that is one `${...}` alone keeps the type of what it stands for.
    private func resolve(_ text: String, acceptsOptions: Bool) throws(Refusal) -> YAMLValue {
        let parts = try Self.parts(of: text)
        if case .name(let name)? = parts.first, parts.count == 1 {
            let value = try lookUp(name)
            guard acceptsOptions, case .map = value else { return value }
        }
        var result = ""
        for part in parts {
            switch part {
            case .literal(let literal): result += literal
            case .name(let name): result += try Self.render(lookUp(name), name: name, acceptsOptions: acceptsOptions)
            }
        }
        return .text(result)
    }

    private func lookUp(_ name: String) throws(Refusal) -> YAMLValue {
        let path = name.replacing("[", with: ".").replacing("]", with: "")
        guard let value = YAMLValue.map(values).value(at: path) else { throw Refusal("${\(name)} is not defined") }
        return value
    }

    private enum Part {
        case literal(String)
        case name(String)
    }

    private static func parts(of text: String) throws(Refusal) -> [Part] {
        var parts: [Part] = []
        var literal = ""
        var rest = Substring(text)
        while let dollar = rest.firstRange(of: "${") {
            if rest[..<dollar.lowerBound].last == "\\" {
                literal += rest[..<dollar.lowerBound].dropLast() + "${"
                rest = rest[dollar.upperBound...]
                continue
            }
            guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
                throw Refusal("\"\(text)\" has a \"${\" without its \"}\"")
            }
            literal += rest[..<dollar.lowerBound]
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            let name = rest[dollar.upperBound..<end].trimming { $0.isWhitespace }
            guard !name.isEmpty else { throw Refusal("\"\(text)\" has an empty ${}") }
            parts.append(.name(String(name)))
            rest = rest[end...].dropFirst()
        }
        literal += rest
        if !literal.isEmpty || parts.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    private static func render(
        _ value: YAMLValue, name: String, acceptsOptions: Bool
    ) throws(Refusal) -> String {
        switch value {
        case .map(let map) where acceptsOptions:
            return try CommandOptions.render(map)
        case .list, .map:
            throw Refusal("${\(name)} is \(value.kind), which cannot stand in a text")
        default:
            return scalar(value)
        }
    }

    /// As Python's `str` writes it, except for booleans.
    static func scalar(_ value: YAMLValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .bigInteger(let digits): digits
        case .number(let value): "\(value)"
        case .text(let value): value
        case .list, .map: ""
        }
    }
}

/// A map in a command becomes options: `--name value`, `--flag` for true, nothing for false, `--list a b`.
enum CommandOptions {
    static func render(_ map: YAMLMap) throws(Refusal) -> String {
        try options(map, prefix: "").joined(separator: " ")
    }

    private static func options(_ map: YAMLMap, prefix: String) throws(Refusal) -> [String] {
        var options: [String] = []
        for entry in map.entries {
            let name = prefix + entry.key
            switch entry.value {
            case .bool(let isSet): if isSet { options.append("--\(name)") }
            case .map(let inner): options += try Self.options(inner, prefix: name + ".")
            case .list(let items):
                guard items.allSatisfy(\.isScalar) else {
                    throw Refusal("\(name) is a list of lists or maps, which cannot become options")
                }
                if !items.isEmpty { options.append("--\(name) " + items.map(argument).joined(separator: " ")) }
            default: options.append("--\(name) \(argument(entry.value))")
            }
        }
        return options
    }

    private static func argument(_ value: YAMLValue) -> String {
        if case .text(let text) = value { return ShellWord.quoted(text) }
        return Template.scalar(value)
    }
}

/// One word for a POSIX shell.
enum ShellWord {
    static func quoted(_ text: String) -> String {
        let isSafe = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                || "_@%+=:,./-".unicodeScalars.contains($0)
        }
        if isSafe && !text.isEmpty { return text }
        return "'" + text.replacing("'", with: "'\"'\"'") + "'"
    }
}

extension Substring {
    fileprivate func trimming(where isTrimmed: (Character) -> Bool) -> Substring {
        var result = drop(while: isTrimmed)
        while let last = result.last, isTrimmed(last) { result.removeLast() }
        return result
    }
}
