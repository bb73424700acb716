// SPDX-License-Identifier: Apache-2.0

package import Baton
package import JudgeRules
import ShownText

/// What `relay judge` found, as other programs read it.
package struct JudgeReport: Codable, Sendable, Equatable {
    /// One rule, and what it came to.
    package struct RuleLine: Codable, Sendable, Equatable {
        /// The rule's name.
        package var rule: String
        /// What must hold, in one sentence.
        package var law: String
        /// Facts looked at.
        package var facts: Int
        /// What is still to follow.
        package var open: Int
        /// How often it was broken.
        package var violations: Int
        /// What was measured, where that says more than a count.
        package var note: String?
    }

    /// One thing that is wrong, and where that shows.
    package struct ViolationLine: Codable, Sendable, Equatable {
        /// The rule's name.
        package var rule: String
        /// Which way it was broken; stable, for programs.
        package var kind: String
        /// nil for what the screen's feed shows.
        package var topic: String?
        /// Of the topic; nil as the topic.
        package var partition: Int32?
        /// In the partition; nil as the topic.
        package var offset: Int64?
        /// The baton, where it is about one.
        package var baton: BatonID?
        /// What there is.
        package var found: String
        /// What there should be.
        package var expected: String
    }

    /// Whether no rule is broken.
    package var passed: Bool
    var judgedAt: Timestamp
    /// Records that a rule looked at.
    package var records: Int
    /// Whether all batons had ended and nothing was still to follow; nil unless that was waited for.
    package var settled: Bool?
    /// Each rule, and what it came to.
    package var rules: [RuleLine]
    /// Everything that is wrong.
    package var violations: [ViolationLine]

    /// What the rules say, with topics called by their full names.
    package init(_ judgements: [Judgement], at now: Timestamp, records: Int, settled: Bool?, topics: Topics) {
        violations = judgements.flatMap(\.verdict.violations).map { violation in
            ViolationLine(
                rule: violation.rule, kind: violation.kind, topic: violation.place?.channel.name(topics),
                partition: violation.place?.partition, offset: violation.place?.offset, baton: violation.baton,
                found: violation.found, expected: violation.expected)
        }
        rules = judgements.map { judgement in
            RuleLine(
                rule: judgement.rule, law: judgement.law, facts: judgement.verdict.looked,
                open: judgement.verdict.open, violations: judgement.verdict.violations.count,
                note: judgement.verdict.note)
        }
        passed = violations.isEmpty
        judgedAt = now
        self.records = records
        self.settled = settled
    }
}
