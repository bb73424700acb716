// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import EmbeddedBroker

/// Encodes to one buffer and decodes from it.
enum Coding {
    static func encode(_ message: some WireStructure, version: Int16, flexible: Bool) throws -> ByteBuffer {
        var encoder = WireEncoder(version: version, isFlexible: flexible)
        try encoder.message(message)
        var all = ByteBuffer()
        for case .bytes(var buffer) in encoder.output.pieces { all.writeBuffer(&buffer) }
        return all
    }

    static func decode<Message: WireStructure>(
        _ bytes: ByteBuffer, as _: Message.Type = Message.self, version: Int16, flexible: Bool
    ) throws -> Message {
        var decoder = WireDecoder(bytes, version: version, isFlexible: flexible)
        return try decoder.message()
    }
}
