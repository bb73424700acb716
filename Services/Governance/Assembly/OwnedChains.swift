// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The chains that this process writes at the moment.
final class OwnedChains: Sendable {
    private let names = Mutex<Set<String>>([])
    private let changed = Mutex<@Sendable () -> Void>({})

    /// Sets who is told of changes.
    func onChange(_ tell: @escaping @Sendable () -> Void) { changed.withLock { $0 = tell } }

    func replace(with partitions: Set<Int32>) {
        names.withLock { $0 = Set(partitions.map(String.init)) }
        changed.withLock { $0 }()
    }

    func contains(_ chain: String) -> Bool { names.withLock { $0.contains(chain) } }
}
