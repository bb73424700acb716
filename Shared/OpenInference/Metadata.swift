// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Body of `GET /v2`.
public struct ServerMetadata: Sendable, Equatable {
    /// Name of the server software.
    public var name: String
    /// Its version.
    public var version: String
    /// Protocol extensions that it speaks.
    public var extensions: [String]

    /// A server's self-description.
    public init(name: String, version: String, extensions: [String] = []) {
        self.name = name
        self.version = version
        self.extensions = extensions
    }

    /// The description as JSON.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", version)
            writer.name("extensions")
            writer.array { writer in extensions.forEach { writer.string($0) } }
        }
        return writer.bytes
    }
}

/// Name, type and shape of an input or an output of a model.
public struct TensorMetadata: Sendable, Equatable {
    /// Name of the tensor.
    public var name: String
    /// Element type.
    public var datatype: DataType
    /// Lengths of the dimensions; -1 stands for any length.
    public var shape: [Int]

    /// A description of one tensor.
    public init(name: String, datatype: DataType, shape: [Int]) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
    }
}

/// Body of `GET /v2/models/{name}[/versions/{version}]`.
public struct ModelMetadata: Sendable, Equatable {
    /// Name of the model.
    public var name: String
    /// Versions that the server can be asked for by name.
    public var versions: [String]
    /// Framework and format of the model (`xgboost_booster`).
    public var platform: String
    /// Tensors the model needs.
    public var inputs: [TensorMetadata]
    /// Tensors it answers with.
    public var outputs: [TensorMetadata]

    /// A description of one model.
    public init(
        name: String, versions: [String] = [], platform: String, inputs: [TensorMetadata], outputs: [TensorMetadata]
    ) {
        self.name = name
        self.versions = versions
        self.platform = platform
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Reads a description.
    /// - Throws: ``MalformedBody`` with every problem found.
    public init(json bytes: some Sequence<UInt8>) throws(MalformedBody) {
        self = try JSONReader.decodeObject(bytes) { reader, problems in
            var name: String?
            var versions: [String] = []
            var platform: String?
            var inputs: [TensorMetadata]?
            var outputs: [TensorMetadata]?
            var present: Set<String> = []
            try reader.forEachMember { reader, member in
                present.insert(member)
                switch member {
                case "name": name = try reader.string(at: member, &problems)
                case "versions":
                    versions =
                        try reader.array(at: member, &problems) { reader, place, problems in
                            try reader.string(at: place, &problems)
                        } ?? []
                case "platform": platform = try reader.string(at: member, &problems)
                case "inputs": inputs = try reader.array(at: member, &problems, TensorMetadata.init(from:at:_:))
                case "outputs": outputs = try reader.array(at: member, &problems, TensorMetadata.init(from:at:_:))
                default: try reader.skipValue()
                }
            }
            for member in ["name", "platform", "inputs", "outputs"] where !present.contains(member) {
                problems.add(member, "missing")
            }
            guard let name, let platform, let inputs, let outputs else { return nil }
            return ModelMetadata(
                name: name, versions: versions, platform: platform, inputs: inputs, outputs: outputs)
        }
    }

    /// The description as JSON.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name)
            if !versions.isEmpty {
                writer.name("versions")
                writer.array { writer in versions.forEach { writer.string($0) } }
            }
            writer.member("platform", platform)
            writer.name("inputs")
            writer.array { writer in for input in inputs { input.write(to: &writer) } }
            writer.name("outputs")
            writer.array { writer in for output in outputs { output.write(to: &writer) } }
        }
        return writer.bytes
    }
}

extension TensorMetadata {
    init?(from reader: inout JSONReader, at place: String, _ problems: inout Problems) throws {
        guard try reader.expectKind(.object, at: place, &problems) else { return nil }
        var name: String?
        var datatype: DataType?
        var shape: [Int]?
        var present: Set<String> = []
        try reader.forEachMember { reader, member in
            present.insert(member)
            let place = "\(place).\(member)"
            switch member {
            case "name": name = try reader.string(at: place, &problems)
            case "datatype": datatype = try reader.datatype(at: place, &problems)
            case "shape": shape = try reader.shape(at: place, allowsAny: true, &problems)
            default: try reader.skipValue()
            }
        }
        for member in ["name", "datatype", "shape"] where !present.contains(member) {
            problems.add("\(place).\(member)", "missing")
        }
        guard let name, let datatype, let shape else { return nil }
        self.init(name: name, datatype: datatype, shape: shape)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("datatype", datatype.rawValue)
            writer.name("shape")
            writer.array { writer in shape.forEach { writer.integer($0) } }
        }
    }
}
