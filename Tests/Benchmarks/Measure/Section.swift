// SPDX-License-Identifier: Apache-2.0

/// What one part of a run found, for people and for programs.
struct Section: Codable, Sendable {
    /// One number of each round.
    struct Measurement: Codable, Sendable {
        var name: String
        var unit: String
        var rounds: Distribution
    }

    /// A bound that the project set itself, and what was found.
    struct Target: Codable, Sendable {
        var what: String
        var bound: String
        var found: String
        var isMet: Bool
    }

    /// A row of cells under a heading each.
    struct Table: Codable, Sendable {
        var headings: [String]
        var rows: [[String]] = []
    }

    var title: String
    /// How it was measured, in a sentence or two.
    var method: String
    var tables: [Table] = []
    var targets: [Target] = []
    var measurements: [Measurement] = []

    init(title: String, method: String) {
        self.title = title
        self.method = method
    }

    mutating func record(_ name: String, _ unit: String, _ rounds: Distribution) {
        measurements.append(Measurement(name: name, unit: unit, rounds: rounds))
    }

    mutating func demand(_ what: String, atLeast bound: Double, _ found: Double) {
        targets.append(
            Target(what: what, bound: "at least \(bound.short)", found: found.short, isMet: found >= bound))
    }

    mutating func demand(_ what: String, above bound: Double, _ found: Double) {
        targets.append(Target(what: what, bound: "above \(bound.short)", found: found.short, isMet: found > bound))
    }

    mutating func demand(_ what: String, under bound: Double, _ unit: String, _ found: Double) {
        targets.append(
            Target(
                what: what, bound: "under \(bound.short) \(unit)", found: "\(found.short) \(unit)",
                isMet: found < bound))
    }
}

extension Section {
    /// The section as Markdown.
    var markdown: String {
        var lines = ["### \(title)", "", method, ""]
        for table in tables { lines += Self.lines(of: table) + [""] }
        if !targets.isEmpty {
            var table = Table(headings: ["target", "bound", "found", ""])
            table.rows = targets.map { [$0.what, $0.bound, $0.found, $0.isMet ? "met" : "**missed**"] }
            lines += Self.lines(of: table) + [""]
        }
        return lines.joined(separator: "\n")
    }

    private static func lines(of table: Table) -> [String] {
        let rule = table.headings.indices.map { $0 == 0 ? "---" : "---:" }
        return ([table.headings, rule] + table.rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }
}
