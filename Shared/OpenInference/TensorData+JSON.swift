// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension TensorData {
    /// Reads `data` of a known shape and datatype, flat (`[1, 2, 3, 4]`) or nested (`[[1, 2], [3, 4]]`).
    init?(
        from reader: inout JSONReader, shape: [Int], datatype: DataType, at place: String,
        _ problems: inout Problems
    ) throws {
        guard try reader.expectKind(.array, at: place, &problems) else { return nil }
        guard let expected = Self.product(of: shape) else {
            problems.add(place, "shape \(shape) has more elements than can be counted")
            return nil
        }
        var elements = TensorElements(datatype: datatype)
        let walk = NestedArrays(shape: shape, place: place)
        let problemsBefore = problems.list.count
        try walk.read(&reader, into: &elements, &problems)
        guard problems.list.count == problemsBefore else { return nil }
        guard elements.data.count == expected else {
            problems.add(place, "has \(elements.data.count) elements, shape \(shape) needs \(expected)")
            return nil
        }
        self = elements.data
    }

    private static func product(of shape: [Int]) -> Int? {
        var product = 1
        for length in shape {
            let (value, overflow) = product.multipliedReportingOverflow(by: length)
            guard !overflow else { return nil }
            product = value
        }
        return product
    }
}

/// Walks the arrays of `data` and holds nested ones against the shape.
struct NestedArrays {
    let shape: [Int]
    let place: String

    func read(_ reader: inout JSONReader, into elements: inout TensorElements, _ problems: inout Problems) throws {
        // Only the outermost array tells flat from nested: in a nested one its elements are arrays.
        var ahead = reader
        let isNested = try ahead.take("[") && !ahead.take("]") && ahead.peekKind() == .array
        if isNested {
            try readNested(&reader, depth: 0, into: &elements, &problems)
        } else {
            try readScalars(&reader, into: &elements, &problems)
        }
    }

    private func readNested(
        _ reader: inout JSONReader, depth: Int, into elements: inout TensorElements, _ problems: inout Problems
    ) throws {
        guard depth < shape.count else {
            try reader.skipValue()
            problems.add(place, "is nested deeper than the \(shape.count) dimensions of shape \(shape)")
            return
        }
        var length = 0
        if depth == shape.count - 1 {
            let before = elements.data.count
            try readScalars(&reader, into: &elements, &problems)
            length = elements.data.count - before
        } else {
            try reader.forEachElement { reader in
                length += 1
                guard try reader.expectKind(.array, at: place, &problems) else { return }
                try readNested(&reader, depth: depth + 1, into: &elements, &problems)
            }
        }
        if length != shape[depth], problems.isEmpty {
            problems.add(
                place, "an array of dimension \(depth) has \(length) elements, shape \(shape) needs \(shape[depth])")
        }
    }

    private func readScalars(
        _ reader: inout JSONReader, into elements: inout TensorElements, _ problems: inout Problems
    ) throws {
        var index = 0
        try reader.forEachElement { reader in
            if let problem = try elements.append(from: &reader) { problems.add("\(place)[\(index)]", problem) }
            index += 1
        }
    }
}

/// Elements read so far, of one datatype.
struct TensorElements {
    let datatype: DataType
    private var booleans: [Bool] = []
    private var integers: [Int64] = []
    private var unsignedIntegers: [UInt64] = []
    private var floats: [Double] = []
    private var strings: [String] = []

    init(datatype: DataType) {
        self.datatype = datatype
    }

    var data: TensorData {
        switch datatype.storage {
        case .booleans: .booleans(booleans)
        case .integers: .integers(integers)
        case .unsignedIntegers: .unsignedIntegers(unsignedIntegers)
        case .floats: .floats(floats)
        case .strings: .strings(strings)
        }
    }

    /// Consumes one scalar; the answer says what is wrong with it.
    mutating func append(from reader: inout JSONReader) throws -> String? {
        switch (datatype.storage, try reader.peekKind()) {
        case (.floats, .number): return append(float: try reader.readNumber())
        case (.floats, .null):
            try reader.readNull()
            floats.append(.nan)
        case (.integers, .number): return append(integer: try reader.readNumber())
        case (.unsignedIntegers, .number): return append(unsignedInteger: try reader.readNumber())
        case (.booleans, .boolean): booleans.append(try reader.readBool())
        case (.strings, .string): strings.append(try reader.readString())
        case (_, let kind):
            try reader.skipValue()
            return "\(kind.rawValue) is not a value of \(datatype.rawValue)"
        }
        return nil
    }

    private mutating func append(float number: JSONNumber) -> String? {
        let value = number.nearest(in: datatype)
        guard value.isFinite else { return outOfRange(number) }
        floats.append(value)
        return nil
    }

    private mutating func append(integer number: JSONNumber) -> String? {
        guard let value = number.int64, datatype.holds(value) else { return outOfRange(number) }
        integers.append(value)
        return nil
    }

    private mutating func append(unsignedInteger number: JSONNumber) -> String? {
        guard let value = number.uint64, datatype.holds(value) else { return outOfRange(number) }
        unsignedIntegers.append(value)
        return nil
    }

    private func outOfRange(_ number: JSONNumber) -> String {
        "\(number.text.prefix(40)) is not a value of \(datatype.rawValue)"
    }
}
