// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Where a chain of the ledger does not hold together: nothing is added to it, and nothing is decided by it, until
/// somebody has put aside what does not belong there.
package struct ChainBreak: Codable, Sendable, Equatable, CustomStringConvertible {
    /// The chain's name: the number of its partition.
    package let chain: String
    /// The first record that does not belong.
    package let offset: Int64
    /// What is wrong with it.
    package let problem: String
    /// When that record was written.
    package let since: Timestamp

    /// The break in one sentence.
    package var description: String {
        "chain \(chain) of the ledger is broken since \(since) at offset \(offset): \(problem)"
    }

    /// What an operator can do.
    package var remedy: String { "relay ledger quarantine --partition \(chain) --reason <why>" }
}
