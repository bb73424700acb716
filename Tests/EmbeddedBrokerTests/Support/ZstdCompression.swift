// SPDX-License-Identifier: Apache-2.0

import CLibzstd
import NIOCore

@testable import EmbeddedBroker

extension Zstd {
    /// Compresses as clients do; the broker never has to.
    static func compress(_ buffer: ByteBuffer) -> ByteBuffer {
        var output = ByteBuffer()
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: ZSTD_compressBound(buffer.readableBytes)) { target in
            buffer.withUnsafeReadableBytes {
                ZSTD_compress(target.baseAddress, target.count, $0.baseAddress, $0.count, 3)
            }
        }
        return output
    }
}
