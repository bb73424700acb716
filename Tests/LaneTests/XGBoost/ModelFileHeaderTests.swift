// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import XGBoost

@Suite("The header of a model file")
struct ModelFileHeaderTests {
    private static let files = [
        "binary.json", "binary.ubj", "classes.ubj", "named.json", "stopped-classes.ubj", "linear.json", "linear.ubj",
        "xgb30.json", "xgb30.ubj", "xgb32_binary.ubj", "xgb32_reg.json",
    ]

    private func read(_ file: String) throws -> ModelFileHeader { try ModelFileHeader.read(Fixture.model(file)) }

    @Test("is read from both formats")
    func formats() throws {
        let old = LibraryVersion(major: 1, minor: 7, patch: 4)
        for file in ["binary.json", "binary.ubj"] {
            #expect(try read(file) == ModelFileHeader(version: old, baseScore: "5E-1", booster: "gbtree"))
        }
        for file in ["linear.json", "linear.ubj"] { #expect(try read(file).booster == "gblinear") }
        for file in ["stopped-classes.json", "stopped-classes.ubj"] { #expect(try read(file).booster == "dart") }
        for file in ["xgb30.json", "xgb30.ubj"] {
            #expect(try read(file).version == LibraryVersion(major: 3, minor: 0, patch: 5))
        }
        for file in ["xgb32_binary.ubj", "xgb32_reg.json"] {
            #expect(try read(file).version == LibraryVersion(major: 3, minor: 2, patch: 0))
            #expect(try read(file).baseScore?.first == "[")
        }
    }

    @Test("a file that was cut off anywhere is refused", arguments: files)
    func cut(file: String) throws {
        let model = try Fixture.model(file)
        for length in stride(from: 1, to: model.count - 1, by: 37) {
            #expect(throws: XGBoostError.self, "\(length) bytes") {
                _ = try ModelFileHeader.read(Array(model.prefix(length)))
            }
        }
    }

    @Test("whatever is in a file, it is read or refused", arguments: files)
    func garbled(file: String) throws {
        let model = try Fixture.model(file)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var bytes = model
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: 1..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do { _ = try ModelFileHeader.read(bytes) } catch { #expect(!error.reason.isEmpty) }
        }
    }

    @Test(
        "lengths and counts beyond the file are refused",
        arguments: ["[$d#L", "[$L#L", "[#L", "S L", "{#L", "H L", "[$d#l", "[#l", "S l"])
    func hugeCounts(start: String) {
        for high: UInt8 in [0x00, 0x40, 0x7F, 0x80, 0xFF] {
            var bytes = Array("{i\u{1}a".utf8) + start.utf8.filter { $0 != UInt8(ascii: " ") }
            bytes += [high] + Array(repeating: 0xFF, count: start.hasSuffix("L") ? 7 : 3)
            bytes += Array(repeating: 0x5A, count: 64)
            #expect(throws: XGBoostError.self) { _ = try ModelFileHeader.read(bytes) }
        }
    }

    @Test(
        "a byte that begins no value is refused",
        arguments: ["{\"a\":\u{0}}", "{\"a\":[1,\\]}", "{\"a\":é}", "{i\u{1}a\u{7}}"])
    func noValue(text: String) {
        let failure = #expect(throws: XGBoostError.self) { _ = try ModelFileHeader.read(Array(text.utf8)) }
        #expect(failure?.reason.hasPrefix("no value begins with byte ") == true)
    }

    @Test("nesting that would exhaust the library's stack is refused")
    func deep() {
        let json = Array(#"{"a":"#.utf8) + Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        let arrays = Array("{i\u{1}a".utf8) + Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        let objects = Array("{i\u{1}a".utf8) + Array(repeatElement(Array("{i\u{1}a".utf8), count: 300_000).joined())
        for bytes in [json, arrays, objects] {
            let failure = #expect(throws: XGBoostError.self) { _ = try ModelFileHeader.read(bytes) }
            #expect(failure?.reason.hasPrefix("values are nested too deeply at byte ") == true)
        }
    }

    @Test(
        "a version that is none is none",
        arguments: ["[]", "[1,7]", "[-1,-1,-1]", "[1,7,4,0]", "\"1.7.4\"", "[99999999999999999999,0,0]", "{}", "null"])
    func noVersion(text: String) throws {
        let bytes = Array(#"{"learner":{},"version":\#(text)}"#.utf8)
        #expect(try ModelFileHeader.read(bytes).version == nil)
        let failure = #expect(throws: XGBoostError.self) { _ = try Booster.load(bytes) }
        #expect(failure?.reason.hasPrefix("the file does not say which version of XGBoost wrote it") == true)
    }

    @Test(
        "a library reads what was measured, and of what is newer than itself nothing that was not",
        arguments: [
            ("1.6.2", "1.6", true), ("1.6.2", "1.7", false), ("1.7.4", "3.0", true), ("1.7.4", "3.1", false),
            ("2.1.4", "3.0", true), ("3.0.5", "3.1", false), ("3.1.3", "3.2", true), ("3.1.3", "3.3", false),
            ("3.4.0", "3.4", true), ("3.4.0", "1.0", true),
        ])
    func readable(library: String, file: String, isRead: Bool) throws {
        func version(_ text: String) -> LibraryVersion {
            let parts = text.split(separator: ".").compactMap { Int($0) }
            return LibraryVersion(major: parts[0], minor: parts[1], patch: parts.count > 2 ? parts[2] : 0)
        }
        let header = ModelFileHeader(version: version(file), baseScore: "5E-1", booster: "gbtree")
        if isRead {
            try version(library).check(header)
        } else {
            #expect(throws: XGBoostError.self) { try version(library).check(header) }
        }
    }
}
