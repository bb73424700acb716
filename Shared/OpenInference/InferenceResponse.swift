// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Body of a successful answer to an inference request.
public struct InferenceResponse: Sendable, Equatable {
    /// The model that answered.
    public var modelName: String
    /// Its version, when the server has versions.
    public var modelVersion: String?
    /// The request's id, when it had one.
    public var id: String?
    /// Optional properties of the response.
    public var parameters: [String: Parameter]
    /// Output tensors.
    public var outputs: [Tensor]

    /// An answer of `modelName`.
    public init(
        modelName: String, modelVersion: String? = nil, id: String? = nil, parameters: [String: Parameter] = [:],
        outputs: [Tensor]
    ) {
        self.modelName = modelName
        self.modelVersion = modelVersion
        self.id = id
        self.parameters = parameters
        self.outputs = outputs
    }

    /// Reads an answer. Members that the protocol does not define are ignored.
    /// - Throws: ``MalformedBody`` with every problem found.
    public init(json bytes: some Sequence<UInt8>) throws(MalformedBody) {
        self = try JSONReader.decodeObject(bytes) { reader, problems in
            var modelName: String?
            var modelVersion: String?
            var id: String?
            var parameters: [String: Parameter] = [:]
            var outputs: [Tensor]?
            var present: Set<String> = []
            try reader.forEachMember { reader, member in
                present.insert(member)
                switch member {
                case "model_name": modelName = try reader.string(at: member, &problems)
                case "model_version": modelVersion = try reader.string(at: member, &problems)
                case "id": id = try reader.string(at: member, &problems)
                case "parameters": parameters = try reader.parameters(at: member, &problems)
                case "outputs": outputs = try reader.array(at: member, &problems, Tensor.init(from:at:_:))
                default: try reader.skipValue()
                }
            }
            for member in ["model_name", "outputs"] where !present.contains(member) {
                problems.add(member, "missing")
            }
            guard let modelName, let outputs else { return nil }
            return InferenceResponse(
                modelName: modelName, modelVersion: modelVersion, id: id, parameters: parameters, outputs: outputs)
        }
    }

    /// The answer as JSON. A number that is not finite is written as `null`.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("model_name", modelName)
            writer.member("model_version", modelVersion)
            writer.member("id", id)
            writer.write(parameters)
            writer.name("outputs")
            writer.array { writer in for output in outputs { output.write(to: &writer) } }
        }
        return writer.bytes
    }
}

/// Body of every failed answer: `{"error": "..."}`.
public struct ErrorBody: Sendable, Equatable {
    /// What went wrong, for a person.
    public var error: String

    /// A refusal with its reason.
    public init(error: String) {
        self.error = error
    }

    /// Reads an error body.
    /// - Throws: ``MalformedBody`` when it is none.
    public init(json bytes: some Sequence<UInt8>) throws(MalformedBody) {
        self = try JSONReader.decodeObject(bytes) { reader, problems in
            var error: String?
            try reader.forEachMember { reader, member in
                if member == "error" {
                    error = try reader.string(at: member, &problems)
                } else {
                    try reader.skipValue()
                }
            }
            if error == nil, problems.isEmpty { problems.add("error", "missing") }
            return error.map(ErrorBody.init(error:))
        }
    }

    /// The error as JSON.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("error", error) }
        return writer.bytes
    }
}
