// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Something that the system refused to do with a file.
package struct FileFailure: Error, CustomStringConvertible {
    let operation: String
    let path: String
    /// The system's number of the error.
    package let code: CInt

    /// What could not be done, to what; the reason is the thread's last error unless given.
    package init(_ operation: String, _ path: String, code: CInt = errno) {
        (self.operation, self.path, self.code) = (operation, path, code)
    }

    /// What could not be done, to what, and why.
    package var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}
