// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import TestSupport

    /// Changes an input the way damage and malice do.
    enum Mutation {
        private static let edges: [UInt32] = [0, 1, 0x7F, 0x80, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, .max]

        static func apply(to input: inout [UInt8], other: [UInt8], _ random: inout SeededGenerator) {
            for _ in 0...random.below(4) { once(&input, other, &random) }
        }

        private static func once(_ input: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator) {
            guard !input.isEmpty else { return input = other }
            let index = random.below(input.count)
            switch random.below(9) {
            case 0: input[index] ^= 1 << UInt8(random.below(8))
            case 1: input[index] = UInt8(truncatingIfNeeded: random.next())
            case 2: input[index] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
            case 3: input.removeLast(random.below(input.count))
            case 4: input.removeSubrange(index..<min(input.count, index + 1 + random.below(8)))
            case 5:
                let end = min(input.count, index + 1 + random.below(32))
                input.insert(contentsOf: input[index..<end], at: index)
            case 6: overwrite(&input, at: index, width: [2, 4][random.below(2)], edges[random.below(edges.count)])
            case 7:
                // A little more or less than it was: off by one, or one array element too many.
                input[index] = input[index] &+ (random.oneIn(2) ? 1 : 0xFF)
            default:
                guard !other.isEmpty else { return }
                input = Array(input[..<index]) + other[random.below(other.count)...]
            }
            if input.count > 1 << 16 { input.removeLast(input.count - 1 << 16) }
        }

        private static func overwrite(_ input: inout [UInt8], at index: Int, width: Int, _ value: UInt32) {
            for byte in 0..<width where index + byte < input.count {
                input[index + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * (width - 1 - byte)))
            }
        }
    }

#endif
