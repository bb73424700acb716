// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Bytes of a log's file, which stays open, under whatever name, as long as somebody has a range of it.
struct FileRange: Equatable, Sendable {
    let file: LogFile
    let position: Int
    let count: Int

    static func == (left: FileRange, right: FileRange) -> Bool {
        left.file === right.file && left.position == right.position && left.count == right.count
    }

    func read() throws(StorageError) -> ByteBuffer { try file.read(at: position, count: count) }
}
