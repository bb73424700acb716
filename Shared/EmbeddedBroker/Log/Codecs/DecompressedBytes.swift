// SPDX-License-Identifier: Apache-2.0

/// Bytes as they come out of a decompressor that may repeat earlier ones; not more than a limit.
struct DecompressedBytes {
    private(set) var bytes: [UInt8] = []
    let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func append(_ byte: UInt8) throws(DecompressionError) {
        guard bytes.count < limit else { throw .tooLarge }
        bytes.append(byte)
    }

    mutating func append(_ more: some Collection<UInt8>) throws(DecompressionError) {
        guard more.count <= limit - bytes.count else { throw .tooLarge }
        bytes.append(contentsOf: more)
    }

    /// Repeats what lies `distance` bytes back, which may overlap what it produces.
    mutating func `repeat`(distance: Int, count: Int, from start: Int = 0) throws(DecompressionError) {
        guard distance > 0, distance <= bytes.count - start else { throw .malformed }
        guard count <= limit - bytes.count else { throw .tooLarge }
        let source = bytes.count - distance
        if distance >= count {
            bytes.append(contentsOf: bytes[source..<(source + count)])
        } else {
            for index in 0..<count { bytes.append(bytes[source + index]) }
        }
    }
}

/// A reader of compressed bytes.
struct CompressedBytes {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var remaining: Int { bytes.count - position }

    mutating func next() throws(DecompressionError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func next(_ count: Int) throws(DecompressionError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func littleEndian(_ count: Int) throws(DecompressionError) -> Int {
        var value = 0
        for (index, byte) in try next(count).enumerated() { value |= Int(byte) << (8 * index) }
        return value
    }

    mutating func bigEndian(_ count: Int) throws(DecompressionError) -> Int {
        var value = 0
        for byte in try next(count) { value = value << 8 | Int(byte) }
        return value
    }
}
