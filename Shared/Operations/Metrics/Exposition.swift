// SPDX-License-Identifier: Apache-2.0

/// The Prometheus text format.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
enum Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    static func line(_ name: String, _ labels: [Label], _ value: Double) -> String {
        let inner = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        return "\(name)\(inner.isEmpty ? "" : "{\(inner)}") \(number(value))\n"
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? plain.replacing("\"", with: "\\\"") : plain
    }
}

extension Metrics {
    /// Everything measured, as Prometheus text.
    public func exposition() -> String {
        var text = ""
        for (name, family) in snapshot() {
            text += "# HELP \(name) \(Exposition.escaped(family.help, quotes: false))\n# TYPE \(name) \(family.kind)\n"
            let series = family.series.sorted { left, right in
                left.key.map(\.value).lexicographicallyPrecedes(right.key.map(\.value))
            }
            for (labels, instrument) in series {
                for sample in instrument.samples() {
                    text += Exposition.line(name + sample.suffix, labels + sample.labels, sample.value)
                }
            }
        }
        return text
    }
}
