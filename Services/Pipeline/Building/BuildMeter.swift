// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a build has consumed so far, whether or not it comes to an end.
package final class BuildMeter: Sendable {
    /// What has been consumed at one moment.
    package struct Reading: Sendable, Equatable {
        /// User and system time of the stages' processes.
        package var cpu: Duration = .zero
        /// Bytes that the store did not have before.
        package var storedBytes = 0
    }

    private let counted = Mutex(Reading())

    /// Nothing is consumed yet.
    package init() {}

    /// What has been consumed until now.
    package var reading: Reading { counted.withLock { $0 } }

    func add(cpu: Duration) { counted.withLock { $0.cpu += cpu } }

    func add(storedBytes: Int) { counted.withLock { $0.storedBytes += storedBytes } }
}
