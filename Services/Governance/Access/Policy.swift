// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Who may release what, and who pays for it.
package struct Policy: Sendable, Equatable {
    /// Who pays.
    package struct Account: Sendable, Equatable {
        /// What may be spent in one calendar month, in UTC.
        package var monthlyBudget: Money
    }

    struct Requester: Sendable, Equatable {
        /// The account that pays.
        var account: String
        /// The models that may be released; `*` stands for all.
        var models: Set<String>

        func mayRelease(_ model: String) -> Bool { models.contains("*") || models.contains(model) }
    }

    /// Who pays, by name.
    package var accounts: [String: Account]
    var requesters: [String: Requester]

    /// The account that pays for what a requester asks for; nil when the requester is unknown.
    package func account(of requester: String) -> String? { requesters[requester]?.account }
}
