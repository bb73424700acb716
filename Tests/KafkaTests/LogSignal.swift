// SPDX-License-Identifier: Apache-2.0

import Logging

/// A log that can be waited on, where a client says what it does in no other way.
struct LogSignal: LogHandler {
    private let messages: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1_000)) }

    var logger: Logger { Logger(label: "test") { _ in self } }

    /// Waits until a message is logged; for one waiter.
    func first(_ wanted: String) async { _ = await messages.first { $0 == wanted } }

    func log(event: LogEvent) { continuation.yield(event.message.description) }

    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
