// SPDX-License-Identifier: Apache-2.0

import Kafka
import Operations

/// What went wrong, and what to do where that is known.
package func words(of error: any Error) -> String {
    switch error {
    case let error as RelayFailure: error.description
    case let error as KafkaError where [.transport, .timedOut].contains(error.code):
        // A client says that it tries again; a command has given up.
        "no broker answered: could not \(error.operation): \(error.message). What to do: see that Kafka runs and can "
            + "be reached from here, or name another one with --bootstrap-servers."
    case let error as any DiagnosedError: "\(error.reason). What to do: \(error.remedy)."
    default: inPlainWords(error)
    }
}
