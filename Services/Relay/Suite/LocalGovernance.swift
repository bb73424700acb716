// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A governance policy and a rate card for one person on one machine, written once and theirs to change.
enum LocalGovernance {
    /// The name under which this machine's user asks for releases.
    static func requester(_ environment: [String: String]) -> String {
        environment["USER"].flatMap { $0.isEmpty ? nil : $0 } ?? "local"
    }

    static func writeIfMissing(_ layout: SuiteLayout, _ environment: [String: String]) throws {
        try write(policy(requester: requester(environment)), to: layout.policy)
        try write(rateCard, to: layout.rateCard)
    }

    private static func write(_ text: String, to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    static func policy(requester: String) -> String {
        """
        # Who may release what, and who pays. Written once for this machine's user; change it, and start again.
        accounts:
          local:
            monthlyBudget: 100.00
            currency: USD

        requesters:
          \(requester):
            account: local
            models: ["*"]

        """
    }

    static let rateCard = """
        # What measured resources cost. Example prices; put in yours and start again.
        currency: USD
        prices:
          cpuSecond: 0.0000125
          storedGibibyte: 0.02
          request: 0.0000004
          movedGibibyte: 0.09

        """
}
