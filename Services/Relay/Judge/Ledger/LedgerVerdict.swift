// SPDX-License-Identifier: Apache-2.0

package import Baton

/// What an audit of the ledger found.
package struct LedgerVerdict: Codable, Sendable, Equatable {
    /// A record that was put aside, as the ledger says.
    package struct Aside: Codable, Sendable, Equatable {
        /// The chain that it stands in.
        package var chain: String
        /// Which record, by whom and why.
        package var record: LedgerQuarantine
    }

    /// The end of each chain.
    package var heads: [LedgerHead]
    /// One sentence each; empty when every link holds.
    package var violations: [String]
    /// What stands between the links and was put aside.
    package var quarantined: [Aside]
    /// What nothing was found to compare with: there a chain cut short or written anew would not show.
    package var unseen: [String]
}
