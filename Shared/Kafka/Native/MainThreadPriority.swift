// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Glibc

/// Lets librdkafka's main threads give way to every other thread that has something to do.
///
/// The main thread of librdkafka 2.0.2 waits for its timers in whole milliseconds, rounded down, and so waits out the
/// last one by asking for the time over and over. A transaction has two such waits: one before its partitions are
/// announced, one after. On a machine whose processors are busy, that is time which the work itself lacks.
enum MainThreadPriority {
    static func lower(for conf: OpaquePointer?) {
        rd_kafka_conf_interceptor_add_on_new(
            conf, "relay",
            { client, _, _, _, _ in rd_kafka_interceptor_add_on_thread_start(client, "relay", started, nil) },
            nil)
    }
}

/// How much nicer than the others the thread is: it has a quarter of a processor that another thread asks for, and all
/// of it when nobody does. With a tenth (10), a machine whose processors are never free answers transactions later.
private let niceness: Int32 = 5

/// Called by each of librdkafka's threads when it begins.
private func started(
    _ client: OpaquePointer?, _ type: rd_kafka_thread_type_t, _ name: UnsafePointer<CChar>?,
    _ opaque: UnsafeMutableRawPointer?
) -> rd_kafka_resp_err_t {
    guard type == RD_KAFKA_THREAD_MAIN else { return RD_KAFKA_RESP_ERR_NO_ERROR }
    // Linux has a niceness for each thread, and 0 is the one that calls. To be nicer is allowed to all; if it fails all
    // the same, the thread is only less polite.
    let this = __priority_which_t(PRIO_PROCESS.rawValue)
    _ = setpriority(this, 0, getpriority(this, 0) + niceness)
    return RD_KAFKA_RESP_ERR_NO_ERROR
}
