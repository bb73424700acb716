// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import RelayClients

extension HealthAnswer {
    /// What governance says of the ledger's chains.
    package static func ledger(_ body: [UInt8]) -> ServiceAnswer.LedgerWord? {
        let answer = try? JSONDecoder().decode(HealthAnswer.self, from: Data(body))
        return answer?.parts.first { $0.part == "ledger-chains" }.map {
            ServiceAnswer.LedgerWord(words: $0.reason, isBroken: $0.isDegraded ?? false)
        }
    }
}
