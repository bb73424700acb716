// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport

@testable import EmbeddedBroker

/// Fills a message with random values, by the same description that encodes and decodes it.
struct RandomFiller: WireIO {
    let version: Int16
    var random: SeededGenerator
    private var depth = 0

    init(version: Int16, seed: UInt64) {
        self.version = version
        random = SeededGenerator(seed: seed)
    }

    mutating func message<Message: WireStructure>(_: Message.Type) throws -> Message {
        var message = Message()
        try message.transfer(through: &self)
        return message
    }

    mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws {
        value = Integer(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random))
    }

    mutating func double(_ value: inout Double) throws { value = Double.random(in: -1e9...1e9, using: &random) }

    mutating func identifier(_ value: inout TopicID) throws {
        value = TopicID(high: random.next(), low: random.next())
    }

    mutating func string(_ value: inout String?, nullable: Bool) throws {
        guard !isNull(nullable) else { return value = nil }
        let alphabet: [Character] = ["a", "Z", "0", "-", "ß", "語", "🏁", "\u{0}"]
        value = String((0..<length(up: 200)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }

    mutating func bytes(_ value: inout [UInt8]?, nullable: Bool) throws {
        value = isNull(nullable) ? nil : randomBytes(up: 300)
    }

    mutating func records(_ value: inout ByteBuffer?) throws {
        // Now and then more than the encoder copies.
        value = isNull(true) ? nil : ByteBuffer(bytes: randomBytes(up: 9000))
    }

    mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
        guard !isNull(nullable) else { return value = nil }
        depth += 1
        defer { depth -= 1 }
        var elements: [Element] = []
        for _ in 0..<length(up: depth > 2 ? 2 : 5) {
            var element = Element()
            try element.transfer(through: &self)
            elements.append(element)
        }
        value = elements
    }

    mutating func endStructure() throws {}

    private mutating func isNull(_ nullable: Bool) -> Bool { nullable && Int.random(in: 0..<4, using: &random) == 0 }

    private mutating func length(up limit: Int) -> Int {
        Bool.random(using: &random) ? Int.random(in: 0...3, using: &random) : Int.random(in: 0...limit, using: &random)
    }

    private mutating func randomBytes(up limit: Int) -> [UInt8] {
        (0..<length(up: limit)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
