// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kafka

/// What `relay access apply` did and found; also its JSON form.
package struct AccessReport: Encodable, Sendable, Equatable {
    /// Rules that differ in the operation alone, as one line.
    struct Line: Encodable, Sendable, Equatable {
        var principal: String
        var kind: String
        var name: String
        var pattern: String
        var operations: [String]
        var permission: String
        var host: String
    }

    /// What is not as the table says, and stays so.
    struct Difference: Encodable, Sendable, Equatable {
        enum Kind: String, Encodable { case missing, surplus }

        var kind: Kind
        var rule: Line
        /// What follows from it.
        var meaning: String
        /// What would change it.
        var command: String
    }

    /// Whether nothing was to be changed.
    var dryRun: Bool
    /// Rules of the table.
    var checked: Int
    /// Rules that were added; with `dryRun`, that would be.
    var created: [Line]
    /// Rules that the table does not have, and missing ones that librdkafka cannot add.
    var differences: [Difference]

    init(_ plan: AccessPlan, of table: AccessTable, dryRun: Bool, bootstrapServers: [String]) {
        self.dryRun = dryRun
        checked = table.rules.count
        created = Self.grouped(plan.missing)
        differences =
            Self.grouped(plan.unaddable).map { Difference(.missing, $0, bootstrapServers) }
            + Self.grouped(plan.surplus).map { Difference(.surplus, $0, bootstrapServers) }
    }

    /// Whether the cluster is not as the table says.
    package var isOff: Bool { !differences.isEmpty || (dryRun && !created.isEmpty) }

    /// The report for people.
    package var lines: [String] {
        let count = created.reduce(0) { $0 + $1.operations.count }
        let made = dryRun ? "\(count) would be added" : "\(count) of them new"
        var lines: [String] = []
        if !created.isEmpty {
            lines += ["\(dryRun ? "missing" : "added"):"] + Self.table(created) + [""]
        }
        guard !differences.isEmpty else {
            guard dryRun, count > 0 else {
                return lines + ["\(checked) rules are as the table says\(count == 0 ? "" : ", \(made)")"]
            }
            return lines + ["of \(checked) rules \(made); nothing was changed"]
        }
        for (kind, title) in [(Difference.Kind.missing, "missing:"), (.surplus, "not in the table:")] {
            let rules = differences.filter { $0.kind == kind }.map(\.rule)
            if !rules.isEmpty { lines += [title] + Self.table(rules) + [""] }
        }
        lines += differences.flatMap { ["\($0.rule.principal), \($0.rule.name): \($0.meaning).", "  \($0.command)"] }
        let off = differences.reduce(0) { $0 + $1.rule.operations.count }
        let sum = "\(off) rules are not as the table says" + (count == 0 ? "" : ", \(made)")
        return lines + ["", sum + "; nothing was removed"]
    }

    private static func table(_ lines: [Line]) -> [String] {
        Table.lines(
            ["principal", "kind", "name", "pattern", "operations"],
            lines.map { line in
                let operations = line.operations.joined(separator: ",")
                let refused = line.permission == AccessRule.Permission.deny.rawValue ? "deny " : ""
                return [line.principal, line.kind, line.name, line.pattern, refused + operations]
            })
    }

    private static func grouped(_ rules: [AccessRule]) -> [Line] {
        var lines: [Line] = []
        for rule in rules {
            let line = Line(rule)
            if let index = lines.firstIndex(where: { $0.isAlike(line) }) {
                lines[index].operations += line.operations
            } else {
                lines.append(line)
            }
        }
        return lines
    }
}

extension AccessReport.Difference {
    init(_ kind: Kind, _ rule: AccessReport.Line, _ servers: [String]) {
        let isDenied = rule.permission == AccessRule.Permission.deny.rawValue
        self.init(
            kind: kind, rule: rule,
            meaning: kind == .missing
                ? "this librdkafka cannot add rules about a \(rule.kind)"
                : isDenied ? "it is refused, whatever the table grants" : "this user may do more than the suite needs",
            command: rule.command(kind == .missing ? "--add" : "--remove", servers))
    }
}

extension AccessReport.Line {
    /// For Kafka's own tool.
    fileprivate func command(_ verb: String, _ servers: [String]) -> String {
        let resource = kind == AccessRule.Resource.cluster.rawValue ? "--cluster" : "--\(kind) '\(name)'"
        let options = operations.map { "--operation \($0.split(separator: "-").map(\.capitalized).joined())" }
        return "kafka-acls.sh --bootstrap-server \(servers.joined(separator: ",")) \(verb) "
            + "--\(permission)-principal '\(principal)' --\(permission)-host '\(host)' "
            + "\(options.joined(separator: " ")) \(resource) --resource-pattern-type \(pattern)"
    }
}

extension AccessReport.Line {
    fileprivate init(_ rule: AccessRule) {
        self.init(
            principal: rule.principal, kind: rule.resource.rawValue, name: rule.name, pattern: rule.pattern.rawValue,
            operations: [rule.operation.rawValue], permission: rule.permission.rawValue, host: rule.host)
    }

    fileprivate func isAlike(_ other: Self) -> Bool {
        var other = other
        other.operations = operations
        return self == other
    }
}
