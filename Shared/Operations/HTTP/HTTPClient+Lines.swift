// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

extension HTTPClient {
    /// Reads an endless answer line by line, as for server-sent events, until `each` says that it has enough, the
    /// server ends the answer, or the task is cancelled. A slow reader slows the server down; nothing is buffered.
    /// - Parameter each: Takes a line without its end; gives false to stop.
    /// - Throws: `HTTPClientError` when there is no answer, its status is not 2xx, or a line is larger than the
    ///   body limit; `CancellationError`; what `each` throws.
    public func lines(
        _ url: String, headers: [String: String] = [:], each: @escaping @Sendable (String) async throws -> Bool
    ) async throws {
        let target = try HTTPTarget(url)
        let connection = try await HTTPConnection.open(target, tls, timeout: timeout)
        try await connection.exchange(target.request("GET", headers, [])) { head, parts in
            guard (200..<300).contains(head.status.code) else {
                throw HTTPClientError(url: target.url, reason: "the answer is \(head.status.code)")
            }
            var splitter = LineSplitter()
            for try await part in parts {
                for line in splitter.add(part.readableBytesView) where try await !each(line) { return }
                if splitter.pendingBytes > bodyLimitBytes {
                    throw HTTPClientError(url: target.url, reason: "a line is larger than \(bodyLimitBytes) bytes")
                }
            }
        }
    }
}

/// Cuts bytes into lines; the last one waits for its end.
struct LineSplitter {
    private var pending: [UInt8] = []

    var pendingBytes: Int { pending.count }

    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                pending.append(byte)
                continue
            }
            if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
            lines.append(String(decoding: pending, as: UTF8.self))
            pending.removeAll(keepingCapacity: true)
        }
        return lines
    }
}
