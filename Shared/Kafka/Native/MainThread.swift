// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// What is arranged for the main thread of every client when it begins.
///
/// That of librdkafka 2.0.2 sleeps for whole milliseconds, rounded down, and waits out the rest of the last one by
/// asking for the time over and over: half a millisecond of processor time for each of its timers, of which every
/// client has one a second, and a relay on one machine some seventy clients. So the kernel is allowed to end its
/// sleeps a few milliseconds late: then nothing is left to be waited out. What wakes the thread for another reason
/// wakes it at once as before; a wait of a millisecond, as transactions have, is none that it sleeps through.
enum MainThread {
    private static let slackNanoseconds: UInt = 4_000_000
    /// Linux's own. Threads inherit it from the one that makes them, as the main thread makes those that send.
    private static let usualSlackNanoseconds: UInt = 50_000

    static func watch(for conf: OpaquePointer?) {
        rd_kafka_conf_interceptor_add_on_new(
            conf, "relay.main",
            { client, _, _, _, _ in rd_kafka_interceptor_add_on_thread_start(client, "relay.main", started, nil) },
            nil)
    }

    /// On each other thread: what it waits for is when to send.
    fileprivate static func otherBegan() { _ = relay_set_timer_slack(usualSlackNanoseconds) }

    /// On the main thread.
    fileprivate static func began(_ client: OpaquePointer?) {
        // It is only a saving: if it fails, the thread does as it did before.
        _ = relay_set_timer_slack(slackNanoseconds)
        ClientContext.borrow(rd_kafka_opaque(client))?.mainThreadBegan(relay_thread_id())
    }
}

/// Called by each of librdkafka's threads when it begins.
private func started(
    _ client: OpaquePointer?, _ type: rd_kafka_thread_type_t, _ name: UnsafePointer<CChar>?,
    _ opaque: UnsafeMutableRawPointer?
) -> rd_kafka_resp_err_t {
    if type == RD_KAFKA_THREAD_MAIN { MainThread.began(client) } else { MainThread.otherBegan() }
    return RD_KAFKA_RESP_ERR_NO_ERROR
}
