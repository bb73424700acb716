// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import ServiceLifecycle
import Synchronization
import XGBoost

/// Predicts on a thread of its own, one batch at a time, behind a queue of bounded length.
final class InferenceThread: Service {
    /// The queue is full; nothing was done.
    struct Overloaded: Error, Equatable {
        let capacity: Int
    }

    let capacity: Int
    private let booster: Mutex<Booster>
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Mutex(0)

    /// - Parameter capacity: requests that may wait or run at the same time; one more is refused.
    init(booster: consuming sending Booster, capacity: Int) {
        self.booster = Mutex(booster)
        self.capacity = capacity
        thread.start()
    }

    /// Requests that wait or run.
    var depth: Int { waiting.withLock { $0 } }

    /// - Throws: ``Overloaded``, or `XGBoostError` from the library.
    func predict(_ values: [Float], batch: Int) async throws -> Booster.Prediction {
        let admitted = waiting.withLock { waiting in
            guard waiting < capacity else { return false }
            waiting += 1
            return true
        }
        guard admitted else { throw Overloaded(capacity: capacity) }
        defer { waiting.withLock { $0 -= 1 } }
        return try await thread.runIfActive { [self] in
            try booster.withLock { booster in try booster.predict(values, batch: batch) }
        }
    }

    /// Ends the thread when the group shuts down; list it before the server, so that it goes after it.
    func run() async throws {
        try? await gracefulShutdown()
        try await thread.shutdownGracefully()
    }
}
