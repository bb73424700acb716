// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of bytes into lines, holding back at most one unfinished line of bounded length.
struct LineSplitter {
    private let limit: Int
    private var unfinished: [UInt8] = []

    init(limit: Int = Command.maximumLineBytes) {
        self.limit = limit
    }

    /// Takes the next bytes and gives the lines that they finish.
    mutating func lines(afterAdding bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(takeUnfinished())
            } else {
                unfinished.append(byte)
                if unfinished.count == limit { lines.append(takeUnfinished()) }
            }
        }
        return lines
    }

    /// What is left when the stream has ended without a last line feed.
    mutating func rest() -> String? {
        unfinished.isEmpty ? nil : takeUnfinished()
    }

    private mutating func takeUnfinished() -> String {
        defer { unfinished.removeAll(keepingCapacity: true) }
        return String(decoding: unfinished, as: UTF8.self)
    }
}
