// SPDX-License-Identifier: Apache-2.0

/// A cursor over a model file in UBJSON (draft 12, https://ubjson.org), which holds lengths and counts instead of ends.
struct ModelUBJSONReader: ModelFileReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func members(_ body: (inout Self, String) throws(ModelFileFault) -> Void) throws(ModelFileFault) {
        let marker = try next()
        guard marker == UInt8(ascii: "{") else { return try skip(marker, depth: 0) }
        try forEachMember { (reader, name) throws(ModelFileFault) in try body(&reader, name) }
    }

    mutating func integers() throws(ModelFileFault) -> [Int]? {
        let marker = try next()
        guard marker == UInt8(ascii: "[") else {
            try skip(marker, depth: 0)
            return nil
        }
        var numbers: [Int]? = []
        try forEachElement { (reader, marker) throws(ModelFileFault) in
            guard let width = Self.integerWidth(marker) else {
                numbers = nil
                return try reader.skip(marker, depth: 1)
            }
            numbers?.append(try reader.integer(width, signed: marker != UInt8(ascii: "U")))
        }
        return numbers
    }

    mutating func text() throws(ModelFileFault) -> String? {
        let marker = try next()
        guard marker == UInt8(ascii: "S") else {
            try skip(marker, depth: 0)
            return nil
        }
        return try string()
    }

    mutating func skip() throws(ModelFileFault) { try skip(next(), depth: 0) }

    /// Consumes what stands behind a marker.
    private mutating func skip(_ marker: UInt8, depth: Int) throws(ModelFileFault) {
        guard depth < ModelFileHeader.maximumDepth else { throw fault("values are nested too deeply") }
        switch marker {
        case UInt8(ascii: "S"), UInt8(ascii: "H"): _ = try take(length())
        case UInt8(ascii: "["):
            try forEachElement { (reader, marker) throws(ModelFileFault) in try reader.skip(marker, depth: depth + 1) }
        case UInt8(ascii: "{"):
            try forEachMember { (reader, _) throws(ModelFileFault) in try reader.skip(reader.next(), depth: depth + 1) }
        default:
            guard let width = Self.width(marker) else { throw fault("no value begins with byte \(marker)") }
            _ = try take(width)
        }
    }

    /// With the cursor behind the bracket; `body` must consume the value behind the marker that it gets.
    private mutating func forEachElement(
        _ body: (inout Self, UInt8) throws(ModelFileFault) -> Void
    ) throws(ModelFileFault) {
        if try taken(UInt8(ascii: "$")) {
            let type = try next()
            guard let width = Self.width(type), width > 0, try taken(UInt8(ascii: "#")) else {
                throw fault("a typed array should say numbers, and how many")
            }
            let count = try length()
            // Their values matter where they are few; millions of them are passed in one step.
            guard count <= 16 else { return try passOver(count, width) }
            for _ in 0..<count { try body(&self, type) }
        } else if try taken(UInt8(ascii: "#")) {
            for _ in 0..<(try length()) { try body(&self, next()) }
        } else {
            while try !taken(UInt8(ascii: "]")) { try body(&self, next()) }
        }
    }

    private mutating func forEachMember(
        _ body: (inout Self, String) throws(ModelFileFault) -> Void
    ) throws(ModelFileFault) {
        if try taken(UInt8(ascii: "#")) {
            for _ in 0..<(try length()) { try body(&self, string()) }
        } else {
            while try !taken(UInt8(ascii: "}")) { try body(&self, string()) }
        }
    }

    private mutating func passOver(_ count: Int, _ width: Int) throws(ModelFileFault) {
        let (size, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw ended }
        _ = try take(size)
    }

    private mutating func string() throws(ModelFileFault) -> String {
        String(decoding: try take(length()), as: UTF8.self)
    }

    /// A length or a count, itself with a marker.
    private mutating func length() throws(ModelFileFault) -> Int {
        let marker = try next()
        guard let width = Self.integerWidth(marker) else { throw fault("a length should stand") }
        let length = try integer(width, signed: marker != UInt8(ascii: "U"))
        guard length >= 0 else { throw fault("a length is negative") }
        return length
    }

    private mutating func integer(_ width: Int, signed: Bool) throws(ModelFileFault) -> Int {
        let value = try take(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard signed else { return Int(value) }
        let unused = 64 - width * 8
        return Int(Int64(bitPattern: value << unused) >> unused)
    }

    private static func integerWidth(_ marker: UInt8) -> Int? {
        switch marker {
        case UInt8(ascii: "i"), UInt8(ascii: "U"): 1
        case UInt8(ascii: "I"): 2
        case UInt8(ascii: "l"): 4
        case UInt8(ascii: "L"): 8
        default: nil
        }
    }

    /// Bytes of a value that has always as many.
    private static func width(_ marker: UInt8) -> Int? {
        switch marker {
        case UInt8(ascii: "Z"), UInt8(ascii: "N"), UInt8(ascii: "T"), UInt8(ascii: "F"): 0
        case UInt8(ascii: "C"): 1
        case UInt8(ascii: "d"): 4
        case UInt8(ascii: "D"): 8
        default: integerWidth(marker)
        }
    }

    private mutating func next() throws(ModelFileFault) -> UInt8 {
        guard position < bytes.count else { throw ended }
        position += 1
        return bytes[position - 1]
    }

    private mutating func taken(_ byte: UInt8) throws(ModelFileFault) -> Bool {
        guard position < bytes.count else { throw ended }
        guard bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func take(_ count: Int) throws(ModelFileFault) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw ended }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    private var ended: ModelFileFault {
        ModelFileFault(offset: bytes.count, reason: "the file ends in the middle of a value")
    }

    private func fault(_ reason: String) -> ModelFileFault { ModelFileFault(offset: position, reason: reason) }
}
