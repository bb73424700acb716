// SPDX-License-Identifier: Apache-2.0

import Baton
import Judge
import RelayTerminal

extension TopicReading.Stage {
    /// How far the judge is, for a terminal.
    var line: String {
        switch self {
        case .past(let read, let total):
            "reading   \(ProgressBar.bar(total > 0 ? Double(read) / Double(total) : 1))  \(read) records"
        case .present(let time, let limit):
            "watching  \(ProgressBar.bar(time / limit))  \(Int(time.seconds)) of \(Int(limit.seconds)) s"
        case .rest: "reading what was written meanwhile"
        }
    }
}
