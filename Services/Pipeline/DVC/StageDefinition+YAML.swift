// SPDX-License-Identifier: Apache-2.0

import Baton
import YAML

extension StageDefinition {
    /// Reads one stage whose templates are resolved.
    /// - Returns: nil when a problem was added without which there is no stage.
    static func read(_ name: String, _ body: YAMLValue, at place: String, _ problems: Problems) -> StageDefinition? {
        var fields = Fields(body, at: place, problems)
        // `desc` is for people, and `vars` have been put into the templates already.
        for key in ["desc", "vars"] { _ = fields.optional(key) }
        let isIndependent = readIndependence(&fields)
        let command = readCommand(&fields)
        let directory = readDirectory(&fields)
        var stage = StageDefinition(name: name, command: command ?? .null, directory: directory ?? "")
        stage.dependencies = readDependencies(&fields, from: stage.directory)
        stage.parameters = readParameters(&fields, from: stage.directory)
        for key in ["outs", "metrics", "plots"] { stage.outputs += readOutputs(key, &fields, from: stage.directory) }
        stage.isAlwaysChanged = readFlag("always_changed", &fields)
        stage.isIndependent = isIndependent
        if readFlag("frozen", &fields) {
            problems.add(fields.place("frozen"), "a frozen stage cannot be made again from its inputs; thaw it")
        }
        fields.finish()
        let isNamedWell = name.prefix { $0 != "@" }.unicodeScalars.allSatisfy {
            !$0.isASCII || $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" || $0 == "-"
        }
        if !isNamedWell { problems.add(place, "a stage's name may hold letters, digits, \"_\" and \"-\" only") }
        return command == nil || directory == nil ? nil : stage
    }

    private static func readCommand(_ fields: inout Fields) -> YAMLValue? {
        guard let value = fields.required("cmd") else { return nil }
        let items: [YAMLValue] =
            switch value {
            case .list(let items): items
            default: [value]
            }
        let texts = items.filter { if case .text(let text) = $0 { !text.isEmpty } else { false } }
        guard !items.isEmpty, texts.count == items.count else {
            fields.problems.add(fields.place("cmd"), "must be a text or a list of texts")
            return nil
        }
        return value
    }

    private static func readDirectory(_ fields: inout Fields) -> String? {
        guard fields.optional("wdir") != nil else { return "" }
        guard let text = fields.text("wdir") else { return nil }
        return path(text, from: "", at: fields.place("wdir"), fields.problems)?.inProject
    }

    private static func readDependencies(_ fields: inout Fields, from directory: String) -> [Path] {
        guard fields.optional("deps") != nil else { return [] }
        let place = fields.place("deps")
        return unique(
            fields.texts("deps").compactMap { path($0, from: directory, at: place, fields.problems) },
            at: place, fields.problems)
    }

    private static func readOutputs(_ key: String, _ fields: inout Fields, from directory: String) -> [Path] {
        let place = fields.place(key)
        guard let value = fields.optional(key) else { return [] }
        guard case .list(let items) = value else {
            fields.problems.add(place, "must be a list of outputs, not \(value.kind)")
            return []
        }
        var paths: [Path] = []
        for (index, item) in items.enumerated() {
            let place = "\(place)[\(index)]"
            var written: [String] = []
            switch item {
            case .text(let text): written = [text]
            case .map(let map):
                for entry in map.entries {
                    readOutputFlags(entry.value, ofPlot: key == "plots", at: "\(place).\(entry.key)", fields.problems)
                    written.append(entry.key)
                }
            default: fields.problems.add(place, "must be a path or a path with flags, not \(item.kind)")
            }
            for text in written {
                guard let path = path(text, from: directory, at: place, fields.problems) else { continue }
                if path.inProject.isEmpty {
                    fields.problems.add(place, "the project itself cannot be an output")
                } else {
                    paths.append(path)
                }
            }
        }
        return paths
    }

    private static func readOutputFlags(_ value: YAMLValue, ofPlot: Bool, at place: String, _ problems: Problems) {
        if value == .null { return }
        var flags = Fields(value, at: place, problems)
        // Where DVC would keep the output and how it would show it; here the artifact store keeps every output.
        for key in ["cache", "push", "remote", "desc", "type", "labels", "meta"] { _ = flags.optional(key) }
        if ofPlot {
            for key in ["template", "x", "y", "x_label", "y_label", "title", "header"] { _ = flags.optional(key) }
        }
        for key in ["persist", "checkpoint"] where readFlag(key, &flags) {
            problems.add(flags.place(key), "an output that goes on from the run before cannot be made again")
        }
        flags.finish()
    }

    /// `meta` may hold anything; its key `relay` is read here.
    private static func readIndependence(_ fields: inout Fields) -> Bool {
        guard case .map(let meta)? = fields.optional("meta"), let ours = meta["relay"] else { return false }
        var relay = Fields(ours, at: fields.place("meta.relay"), fields.problems)
        defer { relay.finish() }
        return readFlag("independent", &relay)
    }

    private static func readFlag(_ key: String, _ fields: inout Fields) -> Bool {
        switch fields.optional(key) {
        case nil: return false
        case .bool(let value)?: return value
        case let value?:
            fields.problems.add(fields.place(key), "must be true or false, not \(value.kind)")
            return false
        }
    }

    static func path(_ text: String, from directory: String, at place: String, _ problems: Problems) -> Path? {
        do {
            let inProject = try ProjectPath.normalise(text, from: directory)
            return Path(written: text, inProject: inProject)
        } catch {
            problems.add(place, error.description)
            return nil
        }
    }

    private static func unique(_ paths: [Path], at place: String, _ problems: Problems) -> [Path] {
        var seen: Set<String> = []
        for path in paths where !seen.insert(path.inProject).inserted {
            problems.add(place, "\(path.written) is named twice")
        }
        return paths
    }
}
