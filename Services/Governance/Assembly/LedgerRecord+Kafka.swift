// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Ledger

extension LedgerRecord {
    /// A record as Kafka has it.
    init(_ record: ConsumerRecord) {
        self.init(
            chain: String(record.partition), offset: record.offset, value: record.value ?? [],
            writtenAt: Timestamp(milliseconds: record.timestampMilliseconds))
    }
}
