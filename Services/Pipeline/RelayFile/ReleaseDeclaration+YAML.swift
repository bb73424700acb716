// SPDX-License-Identifier: Apache-2.0

package import Baton
import DVC
package import YAML

extension ReleaseDeclaration {
    /// Reads `relay.yaml`, whose keys `docs/relay-yaml.md` describes.
    /// - Throws: `Refusal` with all problems.
    package static func read(_ document: YAMLValue) throws(Refusal) -> ReleaseDeclaration {
        let problems = Problems()
        var root = Fields(document, at: "", problems)
        _ = root.integer("version", in: 1...1)
        let model = readModel(root.fields("model"))
        let input = readInput(root.fields("input"))
        let contract = readContract(&root)
        let gates = readGates(root.fields("gates"))
        var lanes = root.fields("lanes")
        let count = lanes.integer("count", in: 1...64)
        lanes.finish()
        let watch = readWatch(root.fields("watch"))
        let calibration = readOptionalFile("calibration", &root)
        let requests = readOptionalFile("traffic", &root)
        let budget = readBudget(root.fields("budget"))
        root.finish()
        try problems.check(in: "relay.yaml")
        guard let model, let input, let gates, let count, let watch, let budget else {
            // Every nil above has added a problem.
            throw Refusal("relay.yaml is incomplete")
        }
        return ReleaseDeclaration(
            model: model, input: input, gates: gates, lanes: count, watch: watch, calibration: calibration,
            requests: requests, budget: budget, contract: contract)
    }

    private static func readModel(_ fields: Fields) -> Model? {
        var fields = fields
        let name = fields.text("name")
        let artifact = readPath("artifact", &fields)
        let kind = fields.text("kind")
        fields.finish()
        if let name, let fault = TextRule.model.fault(in: name) { fields.problems.add(fields.place("name"), fault) }
        if let kind, kind != "xgboost" {
            fields.problems.add(fields.place("kind"), "\"\(kind)\" cannot be served; known is xgboost")
        }
        guard let name, let artifact, let kind else { return nil }
        return Model(name: name, artifact: artifact, kind: kind)
    }

    private static func readInput(_ fields: Fields) -> Input? {
        var fields = fields
        let name = fields.text("name")
        let features = fields.texts("features")
        fields.finish()
        var seen: Set<String> = []
        for feature in features where !seen.insert(feature).inserted {
            fields.problems.add(fields.place("features"), "has \"\(feature)\" twice")
        }
        guard let name else { return nil }
        return Input(name: name, features: features)
    }

    private static func readContract(_ root: inout Fields) -> Contract? {
        guard let value = root.optional("contract") else { return nil }
        var fields = Fields(value, at: "contract", root.problems)
        defer { fields.finish() }
        return fields.integer("version", in: 1...Int.max).map { Contract(version: $0) }
    }

    private static func readGates(_ fields: Fields) -> Gates? {
        var fields = fields
        var metrics = fields.fields("metrics")
        let file = readPath("file", &metrics)
        let floors = readFloors(&metrics)
        metrics.finish()
        var golden = fields.fields("golden")
        let goldenFile = readPath("file", &golden)
        let tolerance = golden.number("tolerance", "of at least 0") { $0 >= 0 }
        golden.finish()
        fields.finish()
        guard let file, let goldenFile, let tolerance else { return nil }
        return Gates(metrics: file, floors: floors, golden: goldenFile, tolerance: tolerance)
    }

    private static func readFloors(_ metrics: inout Fields) -> [String: Double] {
        guard let value = metrics.required("floors") else { return [:] }
        guard case .map(let map) = value, !map.isEmpty else {
            metrics.problems.add(metrics.place("floors"), "must be a map of metrics to their lowest accepted values")
            return [:]
        }
        var floors: [String: Double] = [:]
        for entry in map.entries {
            if let number = Fields.number(entry.value), number.isFinite {
                floors[entry.key] = number
            } else {
                metrics.problems.add("\(metrics.place("floors")).\(entry.key)", "must be a number")
            }
        }
        return floors
    }

    private static func readWatch(_ fields: Fields) -> Watch? {
        var fields = fields
        let period = fields.duration("period")
        let minimum = fields.integer("minimumPredictions", in: 1...Int.max)
        let reference = readPath("reference", &fields)
        let drift = fields.number("maximumDrift", "above 0") { $0 > 0 }
        let errors = fields.number("maximumErrorRate", "from 0 to 1") { (0...1).contains($0) }
        let latency = fields.duration("maximumLatency")
        let refusals = readRefusalRate(&fields)
        fields.finish()
        guard let period, let minimum, let reference, let drift, let errors, let latency else { return nil }
        return Watch(
            periodSeconds: period.seconds, minimumPredictions: minimum, reference: reference, maximumDrift: drift,
            maximumErrorRate: errors, maximumLatencyMilliseconds: latency.seconds * 1000,
            maximumRefusalRate: refusals)
    }

    private static func readRefusalRate(_ fields: inout Fields) -> Double? {
        let key = "maximumRefusalRate"
        guard let value = fields.optional(key) else { return nil }
        guard let number = Fields.number(value), (0...1).contains(number) else {
            fields.problems.add(fields.place(key), "must be a number from 0 to 1")
            return nil
        }
        return number
    }

    private static func readBudget(_ fields: Fields) -> Money? {
        var fields = fields
        let limit = fields.number("limit", "above 0") { $0 > 0 && $0 < 1e12 }
        let currency = fields.text("currency")
        fields.finish()
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        if let currency, currency.utf8.count != 3 || !currency.utf8.allSatisfy({ capitals.contains($0) }) {
            fields.problems.add(fields.place("currency"), "must be three capital letters such as USD")
        }
        guard let limit, let currency else { return nil }
        return Money(limit, currency: currency)
    }

    private static func readOptionalFile(_ key: String, _ root: inout Fields) -> String? {
        guard let value = root.optional(key) else { return nil }
        var fields = Fields(value, at: key, root.problems)
        defer { fields.finish() }
        return readPath("file", &fields)
    }

    private static func readPath(_ key: String, _ fields: inout Fields) -> String? {
        guard let text = fields.text(key) else { return nil }
        do {
            return try ProjectPath.normalise(text)
        } catch {
            fields.problems.add(fields.place(key), error.description)
            return nil
        }
    }
}
