// SPDX-License-Identifier: Apache-2.0

import Kafka

/// Who may do what in Kafka, as a table of five columns says it: user, kind, name, pattern, operations. Pure.
package struct AccessTable: Equatable {
    /// The rules in the table's order.
    let rules: [AccessRule]

    /// What stands for the prefix of the relay's topics in the table.
    static let writtenPrefix = "relay."

    /// - Parameters:
    ///   - text: Lines of fields between tabulators; empty ones and those that begin with `#` are passed over.
    ///   - prefix: Takes the place of `relay.` at the beginning of names.
    /// - Throws: `Malformed` with every line that is wrong.
    package init(_ text: String, prefix: String) throws(Malformed) {
        var (rules, problems): ([AccessRule], [String]) = ([], [])
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.hasPrefix("#"), line.contains(where: { !$0.isWhitespace }) else { continue }
            do throws(Malformed) {
                for rule in try Self.rules(of: String(line), prefix) {
                    guard !rules.contains(rule) else { throw Malformed(["this was said before"]) }
                    rules.append(rule)
                }
            } catch {
                problems += error.problems.map { "line \(index + 1): \($0)" }
            }
        }
        guard problems.isEmpty else { throw Malformed(problems) }
        self.rules = rules
    }

    private static func rules(of line: String, _ prefix: String) throws(Malformed) -> [AccessRule] {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 5, !fields.contains("") else {
            throw Malformed(["five fields between tabulators are needed: user, kind, name, pattern, operations"])
        }
        var problems: [String] = []
        let resource = one(AccessRule.Resource.self, "kind", fields[1], &problems)
        let pattern = one(AccessRule.Pattern.self, "pattern", fields[3], &problems)
        let operations = fields[4].split(separator: ",", omittingEmptySubsequences: false).compactMap {
            one(AccessRule.Operation.self, "operation", String($0), &problems)
        }
        guard let resource, let pattern, problems.isEmpty else { throw Malformed(problems) }
        let name = fields[2].hasPrefix(writtenPrefix) ? prefix + fields[2].dropFirst(writtenPrefix.count) : fields[2]
        return operations.map { AccessRule(principal: "User:\(fields[0])", $0, on: resource, name, pattern) }
    }

    private static func one<Choice: CaseIterable & RawRepresentable<String>>(
        _ type: Choice.Type, _ column: String, _ text: String, _ problems: inout [String]
    ) -> Choice? {
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.append("there is no \(column) \"\(text)\"; there are \(known)")
        return nil
    }

    /// The text is no table.
    package struct Malformed: Error, Equatable {
        /// One sentence for each line that is wrong.
        package let problems: [String]

        /// Everything that is wrong with it.
        package init(_ problems: [String]) { self.problems = problems }
    }
}
