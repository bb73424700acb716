// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka

/// A record of the ledger, as it is stored.
struct LedgerRecord: Sendable, Equatable {
    let chain: String
    let offset: Int64
    let value: [UInt8]
    /// When it was written, by the broker or by whoever wrote it.
    let writtenAt: Timestamp

    init(chain: String, offset: Int64, value: [UInt8], writtenAt: Timestamp) {
        (self.chain, self.offset, self.value, self.writtenAt) = (chain, offset, value, writtenAt)
    }

    init(_ record: ConsumerRecord) {
        self.init(
            chain: String(record.partition), offset: record.offset, value: record.value ?? [],
            writtenAt: Timestamp(milliseconds: record.timestampMilliseconds))
    }
}

/// Where a chain of the ledger does not hold together: nothing is added to it, and nothing is decided by it, until
/// somebody has put aside what does not belong there.
struct ChainBreak: Codable, Sendable, Equatable, CustomStringConvertible {
    /// The chain's name: the number of its partition.
    let chain: String
    /// The first record that does not belong.
    let offset: Int64
    let problem: String
    /// When that record was written.
    let since: Timestamp

    var description: String {
        "chain \(chain) of the ledger is broken since \(since) at offset \(offset): \(problem)"
    }

    /// What an operator can do.
    var remedy: String { "relay ledger quarantine --partition \(chain) --reason <why>" }
}
