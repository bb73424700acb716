// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a process listens, as it wrote it into its address file.
package struct ProcessAddress: Codable, Sendable, Equatable {
    /// Its host, as a URL has it.
    package var host: String
    /// Its port.
    package var port: Int
    var pid: Int32?

    /// Of its parts.
    package init(host: String, port: Int, pid: Int32? = nil) {
        self.host = host
        self.port = port
        self.pid = pid
    }

    /// Its base URL.
    package var url: String { "http://\(host):\(port)" }

    /// The address in a file; nil while the process has not written it.
    package static func read(_ path: String) -> ProcessAddress? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(ProcessAddress.self, from: data)
    }
}
