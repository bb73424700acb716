// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension Tensor {
    /// Reads a tensor of a request or a response. Its data may stand before its datatype, so the data is skipped at
    /// first and read when everything else is known.
    init?(from reader: inout JSONReader, at place: String, _ problems: inout Problems) throws {
        guard try reader.expectKind(.object, at: place, &problems) else { return nil }
        var name: String?
        var shape: [Int]?
        var datatype: DataType?
        var parameters: [String: Parameter] = [:]
        var dataOffset: Int?
        var present: Set<String> = []
        try reader.forEachMember { reader, member in
            present.insert(member)
            let place = "\(place).\(member)"
            switch member {
            case "name": name = try reader.string(at: place, &problems)
            case "shape": shape = try reader.shape(at: place, allowsAny: false, &problems)
            case "datatype": datatype = try reader.datatype(at: place, &problems)
            case "parameters": parameters = try reader.parameters(at: place, &problems)
            case "data":
                dataOffset = reader.position
                try reader.skipValue()
            default: try reader.skipValue()
            }
        }
        for member in ["name", "shape", "datatype", "data"] where !present.contains(member) {
            problems.add("\(place).\(member)", "missing")
        }
        if name == "" { problems.add("\(place).name", "must not be empty") }
        guard let name, let shape, let datatype, let dataOffset else { return nil }
        var dataReader = reader.rewound(to: dataOffset)
        guard
            let data = try TensorData(
                from: &dataReader, shape: shape, datatype: datatype, at: "\(place).data", &problems)
        else { return nil }
        self.init(name: name, shape: shape, datatype: datatype, parameters: parameters, data: data)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.name("shape")
            writer.array { writer in shape.forEach { writer.integer($0) } }
            writer.member("datatype", datatype.rawValue)
            writer.write(parameters)
            writer.name("data")
            data.write(to: &writer, as: datatype)
        }
    }
}

extension TensorData {
    func write(to writer: inout JSONWriter, as datatype: DataType) {
        writer.array { writer in
            switch self {
            case .booleans(let values): for value in values { writer.bool(value) }
            case .integers(let values): for value in values { writer.integer(value) }
            case .unsignedIntegers(let values): for value in values { writer.integer(value) }
            case .floats(let values) where datatype == .fp64: for value in values { writer.number(value) }
            case .floats(let values): for value in values { writer.number(Float(value)) }
            case .strings(let values): for value in values { writer.string(value) }
            }
        }
    }
}

extension JSONWriter {
    /// The member `parameters`, left out when there are none; sorted, so that equal bodies have equal bytes.
    mutating func write(_ parameters: [String: Parameter]) {
        guard !parameters.isEmpty else { return }
        name("parameters")
        object { writer in
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                writer.name(name)
                switch value {
                case .string(let value): writer.string(value)
                case .integer(let value): writer.integer(value)
                case .number(let value): writer.number(value)
                case .bool(let value): writer.bool(value)
                }
            }
        }
    }
}
