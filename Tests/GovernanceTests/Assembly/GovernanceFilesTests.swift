// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import Testing

@testable import Access
@testable import Costs
@testable import GovernanceService

@Suite("Governance files")
struct GovernanceFilesTests {
    private func load(_ environment: [String: String]) throws -> GovernanceFiles {
        try GovernanceFiles(
            ProcessConfiguration.load(service: "governance", arguments: ["governance"], environment: environment))
    }

    @Test("the examples that are shipped are right")
    func examples() throws {
        let examples = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../docs/examples/governance")
        let files = try load([
            "RELAY_GOVERNANCE_POLICY": examples.appending(path: "policy.yaml").path(),
            "RELAY_GOVERNANCE_RATE_CARD": examples.appending(path: "rate-card.yaml").path(),
        ])
        #expect(files.policy.requesters["ci"]?.models == ["breast-cancer"])
        #expect(files.rateCard.prices.count == 4)
    }

    @Test("files that are not named or not there are named by their keys")
    func missing() {
        let error = #expect(throws: ConfigurationError.self) { try load(["RELAY_GOVERNANCE_POLICY": "/nowhere.yaml"]) }
        #expect(error?.problems.map(\.key).sorted() == ["RELAY_GOVERNANCE_POLICY", "RELAY_GOVERNANCE_RATE_CARD"])
    }
}
