// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file operation that failed.
public struct StorageError: Error, CustomStringConvertible, Sendable {
    /// What was attempted.
    public let operation: String
    /// The file or directory.
    public let path: String
    /// The system's error number; 0 when the content, not the system, is at fault.
    public let number: Int32

    /// Describes a failure of the system's call that was just made.
    init(_ operation: String, _ path: String, errno number: Int32 = Glibc.errno) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// One sentence with the operation, the path and the system's reason.
    public var description: String {
        let reason = number == 0 ? "unexpected content" : String(cString: strerror(number))
        return "\(operation) \(path): \(reason)"
    }
}
