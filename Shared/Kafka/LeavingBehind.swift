// SPDX-License-Identifier: Apache-2.0

import Logging

extension BlockingThread {
    /// How long the end of a consumer's client may take. It takes milliseconds, or never comes.
    static let endLimit = Duration.seconds(2)

    /// Frees a consumer's client as the last job, and waits for `ended`, but not for ever.
    ///
    /// librdkafka 2.0.2 never ends a client of which a partition was read that is deleted: what is left in the
    /// partition's queue and the partition keep each other (mended in 2.6.1,
    /// https://github.com/confluentinc/librdkafka/pull/4724). Then thread and client are left behind.
    func finish(freeing handle: ClientHandle, _ ended: EndSignal) async {
        let watchdog = Watchdog()
        let watched = watchdog.begin(until: .now + Self.endLimit) {
            handle.context.logger.warning(
                "a kafka client does not end, and is left behind with its thread",
                metadata: [
                    "reason": "librdkafka before 2.6.1 never ends one that has read a topic which was deleted meanwhile"
                ])
            ended.signal()
        }
        finish {
            handle.destroy()
            ended.signal()
        }
        await ended.wait()
        watchdog.end(watched)
    }
}
