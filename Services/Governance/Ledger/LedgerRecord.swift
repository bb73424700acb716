// SPDX-License-Identifier: Apache-2.0

package import Baton

/// A record of the ledger, as it is stored.
package struct LedgerRecord: Sendable, Equatable {
    /// The chain's name: the number of its partition.
    package let chain: String
    /// Where it lies in its chain's partition.
    package let offset: Int64
    /// What it holds.
    package let value: [UInt8]
    /// When it was written, by the broker or by whoever wrote it.
    let writtenAt: Timestamp

    /// A record at an offset of its chain.
    package init(chain: String, offset: Int64, value: [UInt8], writtenAt: Timestamp) {
        (self.chain, self.offset, self.value, self.writtenAt) = (chain, offset, value, writtenAt)
    }
}
