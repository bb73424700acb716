// SPDX-License-Identifier: Apache-2.0

/// The DEFLATE format, RFC 1951.
struct Inflate {
    private(set) var input: CompressedBytes
    private var bits: UInt32 = 0
    private var bitCount = 0

    // RFC 1951, section 3.2.5.
    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtras = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577,
    ]
    private static let codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let fixedLiterals = HuffmanCode(
        Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
            + Array(repeating: 8, count: 8))
    private static let fixedDistances = HuffmanCode(Array(repeating: 5, count: 30))

    init(_ input: CompressedBytes) { self.input = input }

    /// Decompresses up to the end of the stream; what follows it is left in `input`.
    mutating func run(into output: inout DecompressedBytes) throws(DecompressionError) {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0:
                (bits, bitCount) = (0, 0)
                let length = try input.littleEndian(2)
                guard try input.littleEndian(2) == length ^ 0xFFFF else { throw .malformed }
                try output.append(try input.next(length))
            case 1: try block(Self.fixedLiterals, Self.fixedDistances, into: &output)
            case 2:
                let (literals, distances) = try codes()
                try block(literals, distances, into: &output)
            default: throw .malformed
            }
        }
    }

    private mutating func take(_ count: Int) throws(DecompressionError) -> Int {
        while bitCount < count {
            bits |= UInt32(try input.next()) << UInt32(bitCount)
            bitCount += 8
        }
        defer {
            bits >>= UInt32(count)
            bitCount -= count
        }
        return Int(bits & (1 << UInt32(count) - 1))
    }

    private mutating func symbol(_ code: HuffmanCode) throws(DecompressionError) -> Int {
        var walk = HuffmanCode.Walk()
        while true {
            if let symbol = try walk.step(try take(1), code) { return symbol }
        }
    }

    private mutating func block(
        _ literals: HuffmanCode, _ distances: HuffmanCode, into output: inout DecompressedBytes
    ) throws(DecompressionError) {
        while true {
            let symbol = try symbol(literals)
            if symbol < 256 {
                try output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol - 257 < Self.lengthBases.count else { throw .malformed }
            let length = Self.lengthBases[symbol - 257] + (try take(Self.lengthExtras[symbol - 257]))
            let place = try self.symbol(distances)
            guard place < Self.distanceBases.count else { throw .malformed }
            let distance = Self.distanceBases[place] + (try take(max(0, place / 2 - 1)))
            try output.repeat(distance: distance, count: length)
        }
    }

    /// The codes that a block brings along, RFC 1951, section 3.2.7.
    private mutating func codes() throws(DecompressionError) -> (HuffmanCode, HuffmanCode) {
        let literals = try take(5) + 257
        let distances = try take(5) + 1
        let count = try take(4) + 4
        var lengths = [Int](repeating: 0, count: 19)
        for place in Self.codeLengthOrder.prefix(count) { lengths[place] = try take(3) }
        let code = HuffmanCode(lengths)
        lengths = []
        while lengths.count < literals + distances {
            let symbol = try symbol(code)
            switch symbol {
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths += Array(repeating: last, count: try take(2) + 3)
            case 17: lengths += Array(repeating: 0, count: try take(3) + 3)
            case 18: lengths += Array(repeating: 0, count: try take(7) + 11)
            default: lengths.append(symbol)
            }
        }
        guard lengths.count == literals + distances else { throw .malformed }
        return (HuffmanCode(Array(lengths[..<literals])), HuffmanCode(Array(lengths[literals...])))
    }
}

/// A prefix code in canonical form, RFC 1951, section 3.2.2.
struct HuffmanCode: Sendable {
    /// Codes of each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// Symbols in the order of their codes.
    private var symbols: [Int] = []

    init(_ lengths: [Int]) {
        for length in lengths where length > 0 { counts[length] += 1 }
        for length in 1..<16 {
            for (symbol, own) in lengths.enumerated() where own == length { symbols.append(symbol) }
        }
    }

    /// A search for a symbol, bit by bit.
    struct Walk {
        private var code = 0
        private var first = 0
        private var index = 0
        private var length = 0

        mutating func step(_ bit: Int, _ table: HuffmanCode) throws(DecompressionError) -> Int? {
            length += 1
            guard length < 16 else { throw .malformed }
            code |= bit
            let count = table.counts[length]
            if code - count < first { return table.symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
            return nil
        }
    }
}
