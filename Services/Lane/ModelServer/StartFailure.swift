// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Why the lane could not start; one line on standard error.
struct StartFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    /// A failure to read or write a file.
    static func file(_ action: String, _ path: String, _ error: any Error) -> StartFailure {
        let reason =
            switch (error as? CocoaError)?.code {
            case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
            case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
            case .fileWriteOutOfSpace: "no space left"
            default: "\(error)"
            }
        return StartFailure(description: "cannot \(action) \(path): \(reason)")
    }
}
