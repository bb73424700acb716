// SPDX-License-Identifier: Apache-2.0

/// The end of one chain of the ledger.
public struct LedgerHead: Codable, Sendable, Equatable {
    /// The chain's name.
    public var chain: String
    /// Entries in the chain.
    public var length: Int64
    /// Hash of the last entry, hexadecimal.
    public var hash: String
    public init(chain: String, length: Int64, hash: String) {
        self.chain = chain
        self.length = length
        self.hash = hash
    }
}
