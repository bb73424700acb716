// SPDX-License-Identifier: Apache-2.0

import Access
import Baton
import Costs
import Foundation
import Operations

/// What governance decides by, read at start.
struct GovernanceFiles: Sendable {
    let policy: Policy
    let rateCard: RateCard

    init(policy: Policy, rateCard: RateCard) {
        self.policy = policy
        self.rateCard = rateCard
    }

    /// Reads both files.
    /// - Throws: `ConfigurationError` with everything that is wrong with either.
    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        let (policyKey, rateCardKey) = ("RELAY_GOVERNANCE_POLICY", "RELAY_GOVERNANCE_RATE_CARD")
        var problems: [ConfigurationError.Problem] = []
        let policyText = Self.text(try configuration.value(Self.policySetting), policyKey, &problems)
        let rateCardText = Self.text(try configuration.value(Self.rateCardSetting), rateCardKey, &problems)
        let rateCard = Self.parsed(rateCardText, rateCardKey, &problems) { text throws(Refusal) in
            try RateCard(yaml: text)
        }
        // Without a rate card the policy's currencies have nothing to be held against.
        let policy = rateCard.flatMap { card in
            Self.parsed(policyText, policyKey, &problems) { text throws(Refusal) in
                try Policy(yaml: text, currency: card.currency)
            }
        }
        guard problems.isEmpty, let policy, let rateCard else { throw ConfigurationError(problems) }
        self.init(policy: policy, rateCard: rateCard)
    }

    static let settings = SettingGroup("Governance", [policySetting.declaration, rateCardSetting.declaration])

    private static let policySetting = Setting<String?>.text(
        "policy", form: "a path", shown: "required",
        "who may release what, and who pays: [the policy's page](governance-policy.md)")
    private static let rateCardSetting = Setting<String?>.text(
        "rate-card", form: "a path", shown: "required", "what resources cost")

    private static func text(_ path: String?, _ key: String, _ problems: inout [ConfigurationError.Problem]) -> String?
    {
        guard let path else {
            problems.append(.init(key: key, reason: "is not set; it must be the path of a YAML file"))
            return nil
        }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            problems.append(.init(key: key, reason: "\(path) cannot be read: \(inPlainWords(error))"))
            return nil
        }
    }

    private static func parsed<Value>(
        _ text: String?, _ key: String, _ problems: inout [ConfigurationError.Problem],
        _ parse: (String) throws(Refusal) -> Value
    ) -> Value? {
        guard let text else { return nil }
        do {
            return try parse(text)
        } catch {
            problems += error.problems.map { .init(key: key, reason: $0) }
            return nil
        }
    }
}
