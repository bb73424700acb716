// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An address that the broker cannot listen on.
public struct ListenError: Error, Equatable, CustomStringConvertible {
    /// Where it was to listen.
    public let address: BoundAddress
    /// The system's `errno`.
    public let code: Int32

    /// One sentence, with what to do.
    public var description: String {
        code == EADDRINUSE
            ? "\(address) cannot be listened on: another process listens there. End it, or choose another address."
            : "\(address) cannot be listened on: \(String(cString: strerror(code))). Choose another address."
    }
}
