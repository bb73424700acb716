// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import NIOCore
    import TestSupport
    @testable import EmbeddedBroker

    /// Fills a request with values that often mean something: few names, small numbers, sound batches; now and then
    /// what nobody expects.
    struct PlausibleFiller: WireIO {
        /// `$0`, `$1`...: the strings that the broker has answered with, such as member ids.
        private static let names = [
            "a", "b", "t", "", "$0", "$1", "$2", "$3", "consumer", "range", "1", "retention.ms", "cleanup.policy",
            "compact", "delete", "segment.bytes", "a\u{0}ß🏁", "..",
        ]
        private static let extremes: [UInt64] = [.max, UInt64(Int64.max), UInt64(Int32.max), 1 << 31, 0xFFFF_FFFE]

        let version: Int16
        var random: SeededGenerator
        private var depth = 0

        init(version: Int16, random: SeededGenerator) {
            self.version = version
            self.random = random
        }

        mutating func message<Message: WireStructure>(_: Message.Type) throws -> Message {
            var message = Message()
            try message.transfer(through: &self)
            return message
        }

        mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws {
            switch random.below(12) {
            // What the message says by itself is what clients mostly say.
            case 0...3: break
            case 4...8: value = Integer(truncatingIfNeeded: random.below(4) - 1)
            case 9: value = Integer(truncatingIfNeeded: random.below(20_000))
            case 10: value = Integer(truncatingIfNeeded: Self.extremes.randomElement(using: &random) ?? 0)
            default: value = Integer(truncatingIfNeeded: random.next())
            }
        }

        mutating func double(_ value: inout Double) throws { value = Double(random.below(100)) }

        mutating func identifier(_ value: inout TopicID) throws {
            value = TopicID(high: UInt64(random.below(2)), low: random.next())
        }

        mutating func string(_ value: inout String?, nullable: Bool) throws {
            if nullable, random.oneIn(3) { return value = nil }
            if random.oneIn(500) { return value = String(repeating: "x", count: 32_767 - random.below(2)) }
            value = Self.names.randomElement(using: &random)
        }

        mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) throws {
            if nullable, random.oneIn(4) { return value = nil }
            value = (0..<random.below(24)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }

        mutating func records(_ value: inout ByteBuffer?) throws {
            if random.oneIn(20) { return value = nil }
            value = ByteBuffer(bytes: PlausibleBatch.make(&random))
        }

        mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
            if nullable, random.oneIn(5) { return value = nil }
            depth += 1
            defer { depth -= 1 }
            value = try (0..<random.below(random.oneIn(3) ? 4 : 2) + (random.oneIn(4) ? 0 : 1)).map { _ in
                var element = Element()
                try element.transfer(through: &self)
                return element
            }
        }

        mutating func endStructure() throws {}
    }

#endif
