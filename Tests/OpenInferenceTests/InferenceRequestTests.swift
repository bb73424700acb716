// SPDX-License-Identifier: Apache-2.0

import OpenInference
import Testing

@Suite("Inference request")
struct InferenceRequestTests {
    func problems(_ json: String) -> [String] {
        do {
            _ = try InferenceRequest(json: json.utf8)
            return []
        } catch {
            return error.problems
        }
    }

    @Test("reads flat and nested data of one shape as the same tensor")
    func flatAndNested() throws {
        let flat = try InferenceRequest(
            json: #"{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2.5,-3e2,4]}]}"#.utf8)
        let nested = try InferenceRequest(
            json: #"{"inputs":[{"data":[[1,2.5],[-3e2,4]],"datatype":"FP32","shape":[2,2],"name":"x"}]}"#.utf8)
        #expect(flat == nested)
        #expect(flat.inputs[0].data == .floats([1, 2.5, -300, 4]))
    }

    @Test("reads id, parameters and requested outputs, and ignores members that the protocol does not define")
    func otherMembers() throws {
        let request = try InferenceRequest(
            json: """
                {"id":"a\\u00e9\\ud83d\\ude00\\n","parameters":{"s":"t","i":7,"d":0.5,"b":true},"future":{"x":[1,{}]},
                 "inputs":[{"name":"x","shape":[1],"datatype":"BOOL","data":[true]}],"outputs":[{"name":"predict"}]}
                """.utf8)
        #expect(request.id == "aé😀\n")
        #expect(request.parameters == ["s": .string("t"), "i": .integer(7), "d": .number(0.5), "b": .bool(true)])
        #expect(request.outputs == [.init(name: "predict")])
    }

    @Test("holds a null of a floating-point tensor as a missing value")
    func nullIsMissing() throws {
        let request = try InferenceRequest(
            json: #"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[null,1]}]}"#.utf8)
        let values = try #require(request.inputs[0].data.numbers)
        #expect(values[0].isNaN && values[1] == 1)
    }

    @Test("names every problem of a body at once")
    func allProblems() {
        #expect(
            problems(
                #"{"id":1,"inputs":[{"shape":[1,-1],"datatype":"FP31","data":[1]},{"name":"y"}],"parameters":[]}"#)
                == [
                    "id: must be a string, not a number",
                    "inputs[0].shape[1]: -1 is not the length of a dimension",
                    "inputs[0].datatype: \"FP31\" is none of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, "
                        + "INT64, FP16, FP32, FP64, BYTES",
                    "inputs[0].name: missing",
                    "inputs[1].shape: missing", "inputs[1].datatype: missing", "inputs[1].data: missing",
                    "parameters: must be an object, not an array",
                ])
    }

    @Test(
        "refuses data that does not fit its shape",
        arguments: [
            ("[2,2]", "[1,2,3]", "has 3 elements, shape [2, 2] needs 4"),
            ("[2,2]", "[[1,2],[3]]", "an array of dimension 1 has 1 elements, shape [2, 2] needs 2"),
            ("[1,2]", "[[1,2],[3,4]]", "an array of dimension 0 has 2 elements, shape [1, 2] needs 1"),
            ("[4]", "[[1,2],[3,4]]", "[0]: an array is not a value of FP32"),
            ("[2,2]", "[[1,2],3]", "must be an array, not a number"),
            ("[9223372036854775807,2]", "[1]", "has more elements than can be counted"),
            ("[1]", "7", "must be an array, not a number"),
        ])
    func shapeMismatch(shape: String, data: String, reason: String) {
        let found = problems(
            #"{"inputs":[{"name":"x","shape":\#(shape),"datatype":"FP32","data":\#(data)}]}"#)
        #expect(found.contains { $0.hasPrefix("inputs[0].data") && $0.contains(reason) }, "\(found)")
    }

    @Test(
        "refuses a value that its datatype cannot hold",
        arguments: [
            ("UINT8", "256"), ("UINT8", "-1"), ("INT8", "128"), ("INT64", "9223372036854775808"), ("INT32", "1.5"),
            ("INT32", "1e3"), ("FP16", "65520"), ("FP32", "1e39"), ("FP64", "1e400"), ("FP32", "\"1\""),
            ("FP32", "true"), ("BOOL", "1"), ("BYTES", "1"), ("INT32", "null"), ("BYTES", "null"),
        ])
    func valueOutOfRange(datatype: String, value: String) {
        let found = problems(
            #"{"inputs":[{"name":"x","shape":[1],"datatype":"\#(datatype)","data":[\#(value)]}]}"#)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("inputs[0].data[0]: ") == true, "\(found)")
        #expect(found.first?.hasSuffix("is not a value of \(datatype)") == true, "\(found)")
    }

    @Test(
        "refuses text that is not JSON and says where",
        arguments: [
            "", "{", "nope", "{\"inputs\":[}", "{\"inputs\":[]} x", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}",
            "{\"a\":1e}", "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"x", "{\"a\":tru}",
            "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"inputs\":[{\"data\":[NaN]}]}", "{'a':1}", "{\"a\":-}",
            String(repeating: "{\"a\":", count: 100),
        ])
    func notJSON(text: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("not JSON at byte ") == true, "\(found)")
    }

    @Test("refuses bytes that are not UTF-8")
    func notUTF8() {
        let bytes: [UInt8] = Array("{\"id\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        #expect(throws: MalformedBody.self) { try InferenceRequest(json: bytes) }
    }

    @Test("refuses a body without inputs")
    func noInputs() {
        #expect(problems("{}") == ["inputs: missing"])
        #expect(problems(#"{"inputs":[]}"#) == ["inputs: must hold at least one tensor"])
        #expect(problems("[]") == ["body: must be an object, not an array"])
    }

    @Test("reports the first twenty problems of a hopeless tensor and counts the rest")
    func problemLimit() {
        let data = Array(repeating: "true", count: 100).joined(separator: ",")
        let found = problems(#"{"inputs":[{"name":"x","shape":[100],"datatype":"FP32","data":[\#(data)]}]}"#)
        #expect(found.count == 21)
        #expect(found.last == "and 80 more")
    }
}
