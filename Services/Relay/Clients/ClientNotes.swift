// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// Keeps what a Kafka client reports while it tries, so that a command that gives up can say why.
///
/// librdkafka tells a refused connection, a name that does not resolve or a wrong password only in reports like these;
/// the call that waits sees nothing but its own timeout.
package final class ClientNotes: Sendable {
    private let notes = Mutex<[String]>([])
    private static let limit = 100

    /// Nothing yet.
    package init() {}

    /// A logger whose lines end here.
    package var logger: Logger {
        Logger(label: "relay") { _ in Handler(notes: self) }
    }

    /// Distinct reports, oldest first.
    var all: [String] { notes.withLock { $0 } }

    private func add(_ note: String) {
        notes.withLock { notes in
            guard notes.count < Self.limit, !notes.contains(note) else { return }
            notes.append(note)
        }
    }

    /// The newest report that says why a connection was not made, without librdkafka's addresses of threads.
    package var cause: String? {
        all.last { note in
            ["failed", "refused", "authentic", "SASL", "SSL", "resolve", "denied"].contains { note.contains($0) }
        }
    }

    private struct Handler: LogHandler {
        let notes: ClientNotes
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            // Logs of librdkafka repeat what its error reports say, with the name of a thread before it.
            guard let reason = event.metadata?["kafka.reason"], event.metadata?["kafka.facility"] == nil else { return }
            notes.add("\(reason)")
        }
    }
}
