// SPDX-License-Identifier: Apache-2.0

import ShownText

/// Why a command could not do what it was asked, in one paragraph.
package struct RelayFailure: Error, CustomStringConvertible, Equatable {
    /// What failed.
    package let reason: String
    /// Where more is to be read.
    package let log: String?
    /// What to do.
    let remedy: String

    /// What failed, where more is to be read, and what to do.
    package init(_ reason: String, log: String? = nil, remedy: String) {
        self.reason = reason
        self.log = log
        self.remedy = remedy
    }

    /// The whole paragraph.
    package var description: String {
        let place = log.map { " Its log is \($0)." } ?? ""
        // A reason may hold what somebody else wrote, to the captain or to Kafka.
        return "\(reason).\(place) What to do: \(remedy).".withoutHiddenCharacters()
    }
}
