// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import LegRuntime
import RolloutRules

extension ReleaseLogItem {
    /// Reads a record of the releases topic.
    /// - Throws: `Refusal` when it is none.
    init(_ record: ConsumerRecord) throws(Refusal) {
        self = .record(try ReleaseRecord.read(record.cloudEvent()))
    }
}
