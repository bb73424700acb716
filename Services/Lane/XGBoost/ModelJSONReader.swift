// SPDX-License-Identifier: Apache-2.0

/// A cursor over a model file in JSON. It finds its way by brackets and strings alone, since XGBoost writes `NaN` and
/// `Infinity` too; what stands between them the library judges.
struct ModelJSONReader: ModelFileReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func members(_ body: (inout Self, String) throws(ModelFileFault) -> Void) throws(ModelFileFault) {
        guard try peek() == UInt8(ascii: "{") else { return try skip() }
        position += 1
        guard try !take(UInt8(ascii: "}")) else { return }
        repeat {
            guard try peek() == UInt8(ascii: "\"") else { throw fault("the name of a member should stand") }
            let name = try string()
            guard try take(UInt8(ascii: ":")) else { throw fault("a colon should stand") }
            try body(&self, name)
        } while try take(UInt8(ascii: ","))
        guard try take(UInt8(ascii: "}")) else { throw fault("an object should end") }
    }

    mutating func integers() throws(ModelFileFault) -> [Int]? {
        let start = position
        guard try take(UInt8(ascii: "[")) else {
            try skip()
            return nil
        }
        var numbers: [Int] = []
        repeat {
            _ = try peek()
            let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let number = Int(String(decoding: digits.prefix(19), as: UTF8.self)) else { break }
            position += digits.count
            numbers.append(number)
        } while try take(UInt8(ascii: ","))
        if try take(UInt8(ascii: "]")) { return numbers }
        position = start
        try skip()
        return nil
    }

    mutating func text() throws(ModelFileFault) -> String? {
        guard try peek() == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        return try string()
    }

    mutating func skip() throws(ModelFileFault) {
        var depth = 0
        repeat {
            switch try peek() {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= ModelFileHeader.maximumDepth else { throw fault("values are nested too deeply") }
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw fault("a value should stand") }
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw fault("a value should stand") }
                position += 1
            default: try skipWord()
            }
        } while depth > 0
    }

    /// A number, or one of the words.
    private mutating func skipWord() throws(ModelFileFault) {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                position += 1
            default:
                guard position > start else { throw fault("no value begins with byte \(bytes[position])") }
                return
            }
        }
    }

    /// The raw text between quotation marks; escapes stay as they are, since no name that is looked for has any.
    private mutating func string() throws(ModelFileFault) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        throw ended
    }

    /// The next byte that is no white space.
    private mutating func peek() throws(ModelFileFault) -> UInt8 {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            case let byte: return byte
            }
        }
        throw ended
    }

    private mutating func take(_ byte: UInt8) throws(ModelFileFault) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    private var ended: ModelFileFault {
        ModelFileFault(offset: bytes.count, reason: "the file ends in the middle of a value")
    }

    private func fault(_ reason: String) -> ModelFileFault { ModelFileFault(offset: position, reason: reason) }
}
