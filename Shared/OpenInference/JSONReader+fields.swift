// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Typed members: each consumes one value, and names the problem when the value is of another kind.
extension JSONReader {
    /// True when the next value is of `kind`; otherwise skips it and adds a problem.
    mutating func expectKind(_ kind: Kind, at place: String, _ problems: inout Problems) throws -> Bool {
        let found = try peekKind()
        guard found == kind else {
            try skipValue()
            problems.add(place, "must be \(kind.rawValue), not \(found.rawValue)")
            return false
        }
        return true
    }

    mutating func string(at place: String, _ problems: inout Problems) throws -> String? {
        try expectKind(.string, at: place, &problems) ? readString() : nil
    }

    mutating func bool(at place: String, _ problems: inout Problems) throws -> Bool? {
        try expectKind(.boolean, at: place, &problems) ? readBool() : nil
    }

    mutating func array<Element>(
        at place: String, _ problems: inout Problems,
        _ element: (inout JSONReader, String, inout Problems) throws -> Element?
    ) throws -> [Element]? {
        guard try expectKind(.array, at: place, &problems) else { return nil }
        var elements: [Element] = []
        var index = 0
        try forEachElement { reader in
            if let value = try element(&reader, "\(place)[\(index)]", &problems) { elements.append(value) }
            index += 1
        }
        return elements
    }

    mutating func parameters(at place: String, _ problems: inout Problems) throws -> [String: Parameter] {
        guard try expectKind(.object, at: place, &problems) else { return [:] }
        var parameters: [String: Parameter] = [:]
        try forEachMember { reader, name in
            switch try reader.peekKind() {
            case .string: parameters[name] = .string(try reader.readString())
            case .boolean: parameters[name] = .bool(try reader.readBool())
            case .number:
                let number = try reader.readNumber()
                parameters[name] = number.int64.map(Parameter.integer) ?? .number(number.double)
            case .null, .array, .object:
                try reader.skipValue()
                problems.add("\(place).\(name)", "must be a string, a number or a boolean")
            }
        }
        return parameters
    }

    /// `[2, 30]`. Model metadata may say -1 for a dimension of any length; data may not.
    mutating func shape(at place: String, allowsAny: Bool, _ problems: inout Problems) throws -> [Int]? {
        let before = problems
        let shape = try array(at: place, &problems) { reader, place, problems -> Int? in
            guard try reader.expectKind(.number, at: place, &problems) else { return nil }
            let number = try reader.readNumber()
            guard let length = number.int64, length >= (allowsAny ? -1 : 0), let length = Int(exactly: length) else {
                problems.add(place, "\(number.text) is not the length of a dimension")
                return nil
            }
            return length
        }
        return problems.list.count == before.list.count ? shape : nil
    }

    mutating func datatype(at place: String, _ problems: inout Problems) throws -> DataType? {
        guard let name = try string(at: place, &problems) else { return nil }
        guard let datatype = DataType(rawValue: name) else {
            problems.add(place, "\"\(name)\" is none of \(DataType.names)")
            return nil
        }
        return datatype
    }
}

extension JSONReader {
    /// Reads a whole body that must be one object, and refuses it when anything is wrong.
    static func decodeObject<Value>(
        _ bytes: some Sequence<UInt8>, _ body: (inout JSONReader, inout Problems) throws -> Value?
    ) throws(MalformedBody) -> Value {
        var problems = Problems()
        let value: Value?
        do {
            value = try withReader(over: bytes) { reader throws -> Value? in
                guard try reader.expectKind(.object, at: "body", &problems) else { return nil }
                let value = try body(&reader, &problems)
                try reader.expectEnd()
                return value
            }
        } catch let error as SyntaxError {
            throw MalformedBody(problems: [error.description])
        } catch {
            throw MalformedBody(problems: ["\(error)"])
        }
        try problems.throwIfAny()
        guard let value else { throw MalformedBody(problems: ["the body is incomplete"]) }
        return value
    }
}
