// SPDX-License-Identifier: Apache-2.0

import OpenInference
import TestSupport
import Testing

@Suite("Bodies survive a round trip")
struct RoundTripTests {
    @Test("a request of random tensors of every datatype reads back as itself", arguments: 0..<40)
    func request(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let request = InferenceRequest(
            id: Bool.random(using: &generator) ? text(&generator) : nil,
            parameters: [text(&generator): .string(text(&generator)), "n": .number(0.1), "i": .integer(.min)],
            inputs: DataType.allCases.map { tensor($0, &generator) },
            outputs: [.init(name: "predict", parameters: ["top": .bool(true)])])
        #expect(try InferenceRequest(json: request.json()) == request)
    }

    @Test("a response reads back as itself", arguments: 0..<10)
    func response(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let response = InferenceResponse(
            modelName: text(&generator), modelVersion: "1", id: text(&generator), parameters: ["certain": .bool(false)],
            outputs: [tensor(.fp32, &generator)])
        #expect(try InferenceResponse(json: response.json()) == response)
    }

    @Test("model metadata reads back as itself")
    func metadata() throws {
        let metadata = ModelMetadata(
            name: "m", versions: ["1"], platform: "xgboost_booster",
            inputs: [.init(name: "input", datatype: .fp32, shape: [-1, 30])],
            outputs: [.init(name: "predict", datatype: .fp32, shape: [-1])])
        #expect(try ModelMetadata(json: metadata.json()) == metadata)
    }

    @Test("an error body reads back as itself, and another object is none")
    func errorBody() throws {
        let body = ErrorBody(error: "no such model \"x\"\n\u{0}")
        #expect(try ErrorBody(json: body.json()) == body)
        #expect(throws: MalformedBody(problems: ["error: missing"])) { try ErrorBody(json: "{}".utf8) }
    }

    @Test("a number that JSON cannot say is written as null")
    func notFinite() {
        let tensor = Tensor(name: "x", shape: [3], datatype: .fp64, data: .floats([.nan, .infinity, 1]))
        let json = String(decoding: InferenceRequest(inputs: [tensor]).json(), as: UTF8.self)
        #expect(json == #"{"inputs":[{"name":"x","shape":[3],"datatype":"FP64","data":[null,null,1.0]}]}"#)
    }

    @Test("server metadata carries name, version and extensions")
    func server() {
        let json = String(decoding: ServerMetadata(name: "s", version: "1.0").json(), as: UTF8.self)
        #expect(json == #"{"name":"s","version":"1.0","extensions":[]}"#)
    }

    private func text(_ generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = ["a", "\"", "\\", "/", "\u{1}", "é", "😀", "\n", " "]
        return String((0..<6).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
    }

    private func tensor(_ datatype: DataType, _ generator: inout SeededGenerator) -> Tensor {
        let shape = (0..<Int.random(in: 1...3, using: &generator)).map { _ in Int.random(in: 0...3, using: &generator) }
        let count = shape.reduce(1, *)
        let data: TensorData =
            switch datatype {
            case .bool: .booleans((0..<count).map { _ in Bool.random(using: &generator) })
            case .int8: .integers((0..<count).map { _ in Int64(Int8.random(in: .min ... .max, using: &generator)) })
            case .int16, .int32, .int64:
                .integers((0..<count).map { _ in Int64(Int16.random(in: .min ... .max, using: &generator)) })
            case .uint8:
                .unsignedIntegers((0..<count).map { _ in UInt64(UInt8.random(in: .min ... .max, using: &generator)) })
            case .uint16, .uint32:
                .unsignedIntegers((0..<count).map { _ in UInt64(UInt16.random(in: .min ... .max, using: &generator)) })
            case .uint64:
                .unsignedIntegers((0..<count).map { _ in UInt64.random(in: .min ... .max, using: &generator) })
            case .fp16: .floats((0..<count).map { _ in Double(Float16.random(in: -3e4...3e4, using: &generator)) })
            case .fp32:
                .floats(
                    (0..<count).map { _ in
                        Double(Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &generator)))
                    })
            case .fp64:
                .floats(
                    (0..<count).map { _ in
                        Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &generator))
                    })
            case .bytes: .strings((0..<count).map { _ in text(&generator) })
            }
        return Tensor(name: "t-\(datatype)", shape: shape, datatype: datatype, data: data)
    }
}
