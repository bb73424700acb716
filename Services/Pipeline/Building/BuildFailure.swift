// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import ChildProcess
import Operations

/// Why a release could not be built, and whether trying again may help.
package struct BuildFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, where, and what to do.
    package let reason: String
    /// Whether the same work may succeed another time or elsewhere.
    package let isRetryable: Bool

    /// The reason.
    package var description: String { reason }

    init(_ reason: String, isRetryable: Bool) {
        self.reason = reason
        self.isRetryable = isRetryable
    }

    /// What an error of any part means for the build.
    init(_ error: any Error) {
        switch error {
        case let failure as BuildFailure: self = failure
        case let refusal as Refusal: self.init(refusal.description, isRetryable: false)
        case let error as ArtifactStoreError:
            switch error {
            // What was lost or altered is made again by the next attempt.
            case .inputOutput, .missing, .corrupt: self.init(error.description, isRetryable: true)
            case .badRecordKind: self.init(error.description, isRetryable: false)
            }
        case let error as SpawnError: self.init(error.description, isRetryable: [.process, .view].contains(error.step))
        default: self.init(inPlainWords(error), isRetryable: true)
        }
    }
}
