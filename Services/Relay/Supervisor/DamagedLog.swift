// SPDX-License-Identifier: Apache-2.0

import EmbeddedBroker
import RelayClients

extension RelayFailure {
    /// A relay that does not start may have met damage to its broker's log: then that is what has to be heard of.
    func tellingDamage(to layout: SuiteLayout) -> RelayFailure {
        let damage = LogRepair.known(in: layout.broker)
        guard let first = damage.first else { return self }
        let all = damage.map { "\($0.partition): \($0.description)" }.joined(separator: "; ")
        return RelayFailure(
            "the broker's log is damaged (\(all)), and \(reason)", log: log,
            remedy: "look after the device; restore a backup, or give the damaged batch up with `relay broker "
                + "--data-directory \(layout.broker) --set-aside \(first.partition)@<offset>`, which keeps its bytes")
    }
}
