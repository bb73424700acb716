// SPDX-License-Identifier: Apache-2.0

import OpenInference
import Testing

@testable import ModelServer

@Suite("Lane over HTTP", .timeLimit(.minutes(1)))
struct LaneRoutesTests {
    @Test(
        "answers with the predictions of Python's xgboost and repeats the request's id",
        arguments: ["binary", "classes"])
    func golden(name: String) async throws {
        try await LiveLane.serve("\(name).ubj") { lane in
            let expected = try Fixture.expected(name)
            for path in ["/v2/models/cancer/infer", "/v2/models/cancer/versions/7/infer"] {
                let answer = try await lane.post(path, expected.request.json())
                #expect(answer.status == 200)
                let response = try InferenceResponse(json: answer.body)
                #expect(response.id == "golden" && response.modelName == "cancer" && response.modelVersion == "7")
                let output = response.outputs[0]
                #expect(output.name == "predict" && output.datatype == .fp32)
                let flat = expected.predictions.flatMap { $0 }
                #expect(zip(output.data.numbers ?? [], flat).allSatisfy { abs($0 - $1) <= 1e-6 })
                #expect(output.data.count == flat.count)
            }
        }
    }

    @Test("describes server, model and health")
    func metadata() async throws {
        try await LiveLane.serve { lane in
            #expect(try await lane.get("/v2").text.contains(#""name":"relay-lane""#))
            for path in [
                "/v2/health/live", "/v2/health/ready", "/v2/models/cancer/ready", "/v2/models/cancer/versions/7/ready",
            ] {
                #expect(try await lane.get(path).status == 200)
            }
            let model = try ModelMetadata(json: try await lane.get("/v2/models/cancer").body)
            #expect(model.name == "cancer" && model.inputs[0].shape == [-1, 30])
        }
    }

    @Test("answers 404 for another model, another version and an unknown path, with the protocol's error body")
    func notFound() async throws {
        try await LiveLane.serve { lane in
            let request = try Fixture.expected("binary").request.json()
            for path in ["/v2/models/other/infer", "/v2/models/cancer/versions/8/infer", "/v2/nothing"] {
                let answer = try await lane.post(path, request)
                #expect(answer.status == 404)
                #expect(try !ErrorBody(json: answer.body).error.isEmpty)
            }
        }
    }

    @Test("answers 400 with every problem of a malformed request")
    func malformed() async throws {
        try await LiveLane.serve { lane in
            let answer = try await lane.post(
                "/v2/models/cancer/infer",
                Array(#"{"inputs":[{"name":"x","shape":[1,30],"datatype":"FP32","data":[1]}]}"#.utf8))
            #expect(answer.status == 400)
            #expect(try ErrorBody(json: answer.body).error == "inputs[0].data: has 1 elements, shape [1, 30] needs 30")
            let features = try await lane.post(
                "/v2/models/cancer/infer",
                Array(#"{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[1]}]}"#.utf8))
            #expect(features.status == 400)
            #expect(
                try ErrorBody(json: features.body).error
                    == "inputs[0].name: \"x\" is not the model's input, which is \"input\"; "
                    + "inputs[0].shape: has 1 features, the model takes 30")
            let binary = try await lane.post(
                "/v2/models/cancer/infer", [], headers: ["Inference-Header-Content-Length": "10"])
            #expect(binary.status == 400)
        }
    }

    @Test("answers 503 with Retry-After when its queue is full")
    func overload() async throws {
        try await LiveLane.serve(capacity: 0) { lane in
            let answer = try await lane.post("/v2/models/cancer/infer", try Fixture.expected("binary").request.json())
            #expect(answer.status == 503)
            #expect(answer.headers["Retry-After"] as? String == "1")
            #expect(try await lane.get("/metrics").text.contains(#"relay_lane_answers_total{code="503"} 1"#))
        }
    }

    @Test("counts answers and rows")
    func metrics() async throws {
        try await LiveLane.serve { lane in
            _ = try await lane.post("/v2/models/cancer/infer", try Fixture.expected("binary").request.json())
            let text = try await lane.get("/metrics").text
            #expect(text.contains(#"relay_lane_answers_total{code="200"} 1"#))
            #expect(text.contains("relay_lane_rows_total 40"))
            #expect(text.contains("relay_lane_queue_depth 0"))
        }
    }

    @Test("serves many requests at once, each with its own answer")
    func concurrent() async throws {
        try await LiveLane.serve { lane in
            let expected = try Fixture.expected("binary")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in expected.inputs.indices {
                    group.addTask {
                        let row = expected.inputs[index].map { $0 ?? .nan }
                        let request = InferenceRequest(
                            inputs: [Tensor(name: "input", shape: [1, 30], datatype: .fp32, data: .floats(row))])
                        let answer = try await lane.post("/v2/models/cancer/infer", request.json())
                        let output = try InferenceResponse(json: answer.body).outputs[0].data.numbers ?? []
                        #expect(abs(output[0] - expected.predictions[index][0]) <= 1e-6)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
