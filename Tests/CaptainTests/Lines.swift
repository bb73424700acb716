// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Operations
import Synchronization

/// A log whose lines are kept, as a machine would read them.
final class Lines: Sendable {
    private let written = Mutex<[String]>([])

    var logger: Logger {
        get throws {
            let configuration = try ProcessConfiguration.load(
                service: "captain", arguments: ["test"], environment: ["RELAY_LOG_FORMAT": "json"])
            return Logger(label: "test") { _ in
                LineLogHandler(configuration) { line in self.written.withLock { $0.append(line) } }
            }
        }
    }

    var all: [[String: String]] {
        get throws {
            try written.withLock { $0 }.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
        }
    }
}
