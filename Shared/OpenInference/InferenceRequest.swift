// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Body of `POST /v2/models/{name}[/versions/{version}]/infer`.
///
/// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
public struct InferenceRequest: Sendable, Equatable {
    /// The caller's name for the request; a response repeats it.
    public var id: String?
    /// Optional properties of the request.
    public var parameters: [String: Parameter]
    /// Input tensors; at least one.
    public var inputs: [Tensor]
    /// Outputs the caller wants; empty means all of them.
    public var outputs: [RequestedOutput]

    /// One output the caller wants.
    public struct RequestedOutput: Sendable, Equatable {
        /// Name of the output tensor.
        public var name: String
        /// Optional properties of the output.
        public var parameters: [String: Parameter]

        /// A wish for the output `name`.
        public init(name: String, parameters: [String: Parameter] = [:]) {
            self.name = name
            self.parameters = parameters
        }
    }

    /// A request for a prediction from `inputs`.
    public init(
        id: String? = nil, parameters: [String: Parameter] = [:], inputs: [Tensor], outputs: [RequestedOutput] = []
    ) {
        self.id = id
        self.parameters = parameters
        self.inputs = inputs
        self.outputs = outputs
    }

    /// Reads a request. Members that the protocol does not define are ignored.
    /// - Throws: ``MalformedBody`` with every problem found.
    public init(json bytes: some Sequence<UInt8>) throws(MalformedBody) {
        self = try JSONReader.decodeObject(bytes) { reader, problems in
            var id: String?
            var parameters: [String: Parameter] = [:]
            var inputs: [Tensor]?
            var outputs: [RequestedOutput] = []
            var hasInputs = false
            try reader.forEachMember { reader, member in
                switch member {
                case "id": id = try reader.string(at: member, &problems)
                case "parameters": parameters = try reader.parameters(at: member, &problems)
                case "inputs":
                    hasInputs = true
                    inputs = try reader.array(at: member, &problems, Tensor.init(from:at:_:))
                case "outputs":
                    outputs = try reader.array(at: member, &problems, RequestedOutput.init(from:at:_:)) ?? []
                default: try reader.skipValue()
                }
            }
            if !hasInputs { problems.add("inputs", "missing") }
            guard let inputs else { return nil }
            if inputs.isEmpty, problems.isEmpty { problems.add("inputs", "must hold at least one tensor") }
            return InferenceRequest(id: id, parameters: parameters, inputs: inputs, outputs: outputs)
        }
    }

    /// The request as JSON. A number that is not finite is written as `null`.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", id)
            writer.write(parameters)
            writer.name("inputs")
            writer.array { writer in for input in inputs { input.write(to: &writer) } }
            guard !outputs.isEmpty else { return }
            writer.name("outputs")
            writer.array { writer in for output in outputs { output.write(to: &writer) } }
        }
        return writer.bytes
    }
}

extension InferenceRequest.RequestedOutput {
    init?(from reader: inout JSONReader, at place: String, _ problems: inout Problems) throws {
        guard try reader.expectKind(.object, at: place, &problems) else { return nil }
        var name: String?
        var parameters: [String: Parameter] = [:]
        try reader.forEachMember { reader, member in
            switch member {
            case "name": name = try reader.string(at: "\(place).name", &problems)
            case "parameters": parameters = try reader.parameters(at: "\(place).parameters", &problems)
            default: try reader.skipValue()
            }
        }
        guard let name else {
            problems.add("\(place).name", "missing")
            return nil
        }
        self.init(name: name, parameters: parameters)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.write(parameters)
        }
    }
}
