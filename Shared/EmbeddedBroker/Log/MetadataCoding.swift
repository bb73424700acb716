// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The bytes of a metadata record: a kind, the version of its description, its fields.
enum MetadataCoding {
    static let version: Int16 = 0

    static func encode(_ record: MetadataRecord) throws -> ByteBuffer {
        switch record {
        case .cluster(let value): try encode(1, value)
        case .topic(let value): try encode(2, value)
        case .topicDeleted(let value): try encode(3, value)
        case .logStart(let value): try encode(4, value)
        case .producerBlock(let value): try encode(5, value)
        case .transaction(let value): try encode(6, value)
        case .offsets(let value): try encode(7, value)
        case .offsetsDeleted(let value): try encode(8, value)
        case .group(let value): try encode(9, value)
        case .groupDeleted(let value): try encode(10, value)
        case .transactionDeleted(let value): try encode(11, value)
        case .groupEmptied(let value): try encode(12, value)
        case .committed(let value): try encode(13, value)
        }
    }

    static func decode(_ bytes: ByteBuffer) throws -> MetadataRecord {
        var bytes = bytes
        guard let kind = bytes.readInteger(as: Int8.self), let version = bytes.readInteger(as: Int16.self) else {
            throw WireError.truncated(needed: 3, available: bytes.readableBytes)
        }
        // The broker's own words, however many.
        var decoder = WireDecoder(bytes, version: version, isFlexible: true, maximumElements: .max)
        switch kind {
        case 1: return .cluster(try decoder.message())
        case 2: return .topic(try decoder.message())
        case 3: return .topicDeleted(try decoder.message())
        case 4: return .logStart(try decoder.message())
        case 5: return .producerBlock(try decoder.message())
        case 6: return .transaction(try decoder.message())
        case 7: return .offsets(try decoder.message())
        case 8: return .offsetsDeleted(try decoder.message())
        case 9: return .group(try decoder.message())
        case 10: return .groupDeleted(try decoder.message())
        case 11: return .transactionDeleted(try decoder.message())
        case 12: return .groupEmptied(try decoder.message())
        case 13: return .committed(try decoder.message())
        default: throw WireError.invalidLength(Int(kind))
        }
    }

    private static func encode<Record: WireStructure>(_ kind: Int8, _ record: Record) throws -> ByteBuffer {
        var encoder = WireEncoder(version: version, isFlexible: true)
        var kind = kind
        var version = version
        try encoder.integer(&kind)
        try encoder.integer(&version)
        try encoder.message(record)
        var bytes = ByteBuffer()
        for case .bytes(var buffer) in encoder.output.pieces { bytes.writeBuffer(&buffer) }
        return bytes
    }
}
