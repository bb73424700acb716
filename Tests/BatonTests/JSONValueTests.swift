// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Baton

@Suite("JSON values")
struct JSONValueTests {
    static let numbers = [
        "9007199254740993", "9223372036854775807", "18446744073709551616", "-0", "1", "1.0", "1e5", "1E+05", "0.10",
        "0.1000000000000000055511151231257827", "123456789012345678901234567890", "-2.5e-3", "1e308",
    ]

    private func written(_ value: some Encodable) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

    @Test("keep the text of a number", arguments: numbers)
    func text(number: String) throws {
        let document = #"{"a":[\#(number)],"b":{"c":\#(number)}}"#
        let value = try JSONValue.parse(document.utf8)
        #expect(String(decoding: value.encoded(), as: UTF8.self) == document)
        #expect(written(value) == document)
        #expect(try JSON.decode(JSONValue.self, from: Array(document.utf8)) == value)
    }

    @Test(
        "keep it all the way from a request to an assignment and a state",
        arguments: numbers.filter { $0.contains(".") || $0.count < 20 })
    func carried(number: String) throws {
        let data = #"{"project":{"directory":"/p"},"model":"m","requester":"a","parameters":{"x.y":\#(number)}}"#
        let request = try ReleaseRequest.read(
            CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested, data: Array(data.utf8)))
        let expected = ["x.y": JSONValue.number(try #require(JSONValue.Number(number)))]
        #expect(request.parameters == expected)
        let asked = BatonRequest(source: "ci", id: "1", request: request)
        let baton = try JSON.decode(BatonRequest.self, from: JSON.encode(asked))
        #expect(baton == asked)
        let step = Race().apply(
            .requested(baton.request, source: "ci", id: "1"), to: nil, of: baton.baton, now: Timestamp(milliseconds: 0))
        let state = try #require(step.state)
        #expect(try JSON.decode(BatonState.self, from: JSON.encode(state)).request.parameters == expected)
        for case .assign(let order) in step.commands {
            #expect(try JSON.decode(Assignment.self, from: JSON.encode(order)).request.parameters == expected)
            #expect(written(order).contains(#""x.y":\#(number)"#))
        }
    }

    @Test("that are integers beyond 64 bits are no parameters, at whatever place")
    func large() {
        let data =
            #"{"project":{"directory":"/p"},"model":"m","requester":"a","parameters":"#
            + #"{"a":[1,18446744073709551616],"b":{"c/d":-9223372036854775809},"e":1.8446744073709551616e19}}"#
        let refusal = #expect(throws: Refusal.self) {
            try ReleaseRequest.read(
                CloudEvent(id: "1", source: "ci", type: EventType.releaseRequested, data: Array(data.utf8)))
        }
        #expect(
            refusal?.details.map { "\($0.pointer ?? .root)" } == ["/data/parameters/a/1", "/data/parameters/b/c~1d"])
    }

    @Test("of numbers are equal when their texts are, and say what they are")
    func equality() {
        let numbers = ["1", "1.0", "1e0", "1.00"].map { JSONValue.Number($0) }
        #expect(Set(numbers).count == 4)
        #expect(numbers.map { $0?.int } == [1, nil, nil, nil])
        #expect(numbers.map { $0?.double } == [1, 1, 1, 1])
        #expect(JSONValue.Number("18446744073709551616")?.int == nil)
        #expect(JSONValue.Number(7) == 7)
        for text in ["", "+1", "01", "1.", ".5", "NaN", "Infinity", "0x10", "1_000", " 1", "1 ", "1e400", "1e-400"] {
            #expect(JSONValue.Number(text) == nil, "\(text)")
        }
    }

    @Test("are grafted in wherever they stand, whatever their names are")
    func places() throws {
        struct Holder: Codable, Equatable {
            var many: [JSONValue]
            var named: [String: JSONValue]
            var perhaps: JSONValue?
            var inner: [String: [JSONValue]]
        }
        let holder = Holder(
            many: [.null, .number(1.5), .array([.number(2)]), .object([:])],
            named: [
                "0": .number(1), "03": .null, "a/b": .string("x"), "~": .bool(true), "": .number(2),
                "é\u{202E}\n": .array([]),
            ],
            perhaps: .object(["deep": .array([.object(["er": .number(JSONValue.Number(Int.max))])])]),
            inner: ["x": [.number(3), .null]])
        #expect(try JSON.decode(Holder.self, from: JSON.encode(holder)) == holder)
    }

    @Test(
        "that cannot be carried, or that nobody agrees on, are refused with their place",
        arguments: [
            (#"{"a":{"b":1e400}}"#, "/a/b", "1e400 is beyond what a floating-point number holds"),
            (#"{"a":[0,-1e400]}"#, "/a/1", "-1e400 is beyond"),
            (#"[1e-400]"#, "/0", "1e-400 is beyond"),
            (#"{"a":\#(String(repeating: "9", count: 101))}"#, "/a", "a number of 101 characters"),
            (#"{"a":{"b":1,"b":2}}"#, "/a", #"the member "b" is there twice"#),
            (#"{"a":{"b":1,"\u0062":2}}"#, "/a", #"the member "b" is there twice"#),
            (#"{"a":"\ud800"}"#, "/a", #"\ud800 is one half of a surrogate pair"#),
            (#"{"a":"\ud800\u0041"}"#, "/a", "surrogate"),
            (#"{"a":"\udc00"}"#, "/a", "surrogate"),
            (#"{"a":"\u12"}"#, "/a", "four hexadecimal digits"),
            (#"{"a":NaN}"#, "/a", "NaN and Infinity are not JSON"),
            (#"{"a":01}"#, "/a", "leading zeros"),
            (#"{"a":1,}"#, "", "not JSON at byte 7"),
            (#"{"a":1} x"#, "", "more text after the value"),
            ("", "", "there is nothing"),
            (
                String(repeating: "[", count: 80) + String(repeating: "]", count: 80),
                String(repeating: "/0", count: 65), "nested more than 64 levels deep"
            ),
        ])
    func refused(text: String, place: String, message: String) {
        let refusal = #expect(throws: Refusal.self) { try JSONValue.parse(text.utf8) }
        #expect(refusal?.details.count == 1)
        #expect("\(refusal?.details.first?.pointer ?? .root)" == place)
        #expect(refusal?.details.first?.message.contains(message) == true, "\(String(describing: refusal))")
    }

    @Test("in another encoding are refused as that, and a byte order mark is passed over")
    func encodings() throws {
        let latin = #expect(throws: Refusal.self) { try JSONValue.parse([0x22, 0xE9, 0x22] as [UInt8]) }
        #expect(latin?.description.contains("UTF-8") == true)
        let wide = "\u{FEFF}{\"a\":1}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(#expect(throws: Refusal.self) { try JSONValue.parse(wide) }?.description.contains("UTF-8") == true)
        #expect(try JSONValue.parse("\u{FEFF}{\"a\":1}".utf8) == .object(["a": .number(1)]))
    }

    @Test("are all told of their problems at once, and of no more than anybody reads")
    func many() {
        let two = #expect(throws: Refusal.self) { try JSONValue.parse(#"{"a":1e999,"b":[1e999]}"#.utf8) }
        #expect(two?.details.map { "\($0.pointer ?? .root)" } == ["/a", "/b/0"])
        let text = "[" + [String](repeating: "1e999", count: 10_000).joined(separator: ",") + "]"
        let refusal = #expect(throws: Refusal.self) { try JSONValue.parse(text.utf8) }
        #expect(refusal?.details.count == 51)
    }

    @Test("drawn at random survive being written and read")
    func random() throws {
        var generator = SeededGenerator(seed: 14)
        for _ in 0..<300 {
            let value = Self.draw(&generator, depth: 4)
            #expect(try JSONValue.parse(value.encoded()) == value)
            #expect(try JSON.decode(JSONValue.self, from: JSON.encode(value)) == value)
        }
    }

    private static func draw(_ numbers: inout SeededGenerator, depth: Int) -> JSONValue {
        let scalars: [Character] = ["a", "\"", "\\", "/", "\n", "\u{0}", "\u{1B}", "é", "😀", "\u{2028}", "0", "~"]
        func text() -> String {
            String(
                (0..<Int.random(in: 0...6, using: &numbers)).map { _ in scalars.randomElement(using: &numbers) ?? "a" })
        }
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &numbers) {
        case 0: return .null
        case 1: return .bool(.random(using: &numbers))
        case 2: return .number(JSONValue.Number(Self.numbers.randomElement(using: &numbers) ?? "1") ?? 1)
        case 3: return .number(JSONValue.Number(Int.random(in: .min ... .max, using: &numbers)))
        case 4: return .string(text())
        case 5: return .array((0..<3).map { _ in draw(&numbers, depth: depth - 1) })
        default:
            return .object(
                Dictionary((0..<3).map { _ in (text(), draw(&numbers, depth: depth - 1)) }) { first, _ in first })
        }
    }
}

@Suite("Reading a payload")
struct PayloadReadingTests {
    private func problem(_ text: String) -> String {
        do {
            _ = try JSON.decode(Progress.self, from: Array(text.utf8))
            return "none"
        } catch {
            return error.description
        }
    }

    @Test("says in the suite's words where and what is wrong")
    func words() {
        #expect(problem("{}") == "/baton: baton is missing")
        #expect(problem("no") == "not JSON at byte 0: expected null")
        #expect(problem("[]") == "the value must be an object, not an array")
        let baton = BatonID(source: "ci", id: "1")
        let rest = #""lane":"primary","worker":"w","fraction":0.5,"note":"n","at":"2026-01-31T12:00:00.000Z"}"#
        #expect(
            problem(#"{"baton":"\#(baton)","duty":"fly","attempt":1,\#(rest)"#)
                == #"/duty: duty is "fly", which it cannot be"#)
        #expect(
            problem(#"{"baton":"\#(baton)","duty":"watch","attempt":"x","# + rest)
                == "/attempt: attempt must be a whole number, not a string")
        #expect(
            problem(#"{"baton":"\#(baton)","duty":"watch","attempt":1e30,"# + rest)
                == "a number in it does not fit where it stands")
        #expect(problem(#"{"baton":7}"#) == "/baton: baton must be a string, not a number")
        #expect(problem(#"{"baton":"x"}"#).contains("is not a baton id"))
    }
}
