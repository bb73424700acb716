// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Glibc

/// Lets the main thread of a transactional client give way to every other thread that has something to do.
///
/// The main thread of librdkafka 2.0.2 waits for its timers in whole milliseconds, rounded down, and so waits out the
/// last one by asking for the time over and over. A transaction has two such waits: one before its partitions are
/// announced, one after. On a machine whose processors are busy, that is time which the work itself lacks; and a thread
/// that it has just woken, to send what ends the transaction, may wait behind it on the same processor.
///
/// Threads inherit niceness, and the first thing that a main thread does is to make the one that talks to the
/// transaction coordinator. So it is lowered later, once that one has answered.
enum MainThreadPriority {
    /// How much nicer than the others the thread is: it has a quarter of a processor that another thread asks for, and
    /// all of it when nobody does. With a tenth (10), a machine whose processors are never free answers transactions
    /// later.
    private static let niceness: Int32 = 5

    /// In nanoseconds; as long as Linux allows. Its share of a processor stays the same, but a thread that wakes up
    /// with the shorter slice of all others need not wait until this one has had its own.
    private static let slice: UInt64 = 100_000_000

    /// Lowers the thread's priority.
    static func lower(_ context: ClientContext) {
        let thread = context.mainThread
        guard thread > 0 else { return }
        // Linux has a schedule for each thread. To be more polite is allowed to all; if it fails all the same, the
        // thread is only less so.
        let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        _ = relay_set_schedule(thread, min(own + niceness, 19), slice)
    }
}
