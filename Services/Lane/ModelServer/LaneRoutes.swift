// SPDX-License-Identifier: Apache-2.0

import Baton
import HTTPTypes
import Hummingbird
import NIOCore
import OpenInference
import Operations
import XGBoost

/// The Open Inference Protocol V2 over HTTP for one model.
struct LaneRoutes: Sendable {
    static let server = ServerMetadata(name: "relay-lane", version: "1.0.0")
    /// A body of this size holds some 100,000 rows of ten features; more is better sent in parts.
    static let maximumBodyBytes = 16 * 1024 * 1024

    let model: ServedModel
    let inference: InferenceThread
    var traces = Traces.off
    /// What is measured about spans.
    var spanMetrics = Metrics()
    let metrics = LaneMetrics()

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ProtocolErrors())
        router.get("v2") { _, _ in Response(json: Self.server.json()) }
        // The lane listens only once its model has answered a trial, so whoever reaches it finds it ready.
        router.get("v2/health/live") { _, _ in Response(json: Array(#"{"live":true}"#.utf8)) }
        router.get("v2/health/ready") { _, _ in Response(json: Array(#"{"ready":true}"#.utf8)) }
        for path in ["v2/models/:name", "v2/models/:name/versions/:version"] {
            let path = RouterPath(path)
            router.get(path) { _, context in
                try check(context)
                return Response(json: model.metadata.json())
            }
            router.get("\(path)/ready") { _, context in
                try check(context)
                return Response(json: Array(#"{"name":"\#(model.name)","ready":true}"#.utf8))
            }
            router.post("\(path)/infer") { request, context in try await answer(request, context) }
        }
        router.get("metrics") { _, _ in
            let text = metrics.text(queueDepth: inference.depth, queueCapacity: inference.capacity)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                body: .init(byteBuffer: ByteBuffer(string: text + spanMetrics.exposition())))
        }
        return router
    }

    /// Refuses a model or a version that is not this lane's.
    private func check(_ context: BasicRequestContext) throws {
        let name = try context.parameters.require("name")
        guard name == model.name else {
            throw Refusal(.notFound, "no model \"\(name)\" here; this lane serves \"\(model.name)\"")
        }
        if let version = context.parameters.get("version"), version != model.version {
            throw Refusal(
                .notFound, "no version \"\(version)\" of \"\(name)\" here; this lane serves \"\(model.version)\"")
        }
    }

    private func answer(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let trace = LaneTrace(request.headers[.traceparent], traces)
        do {
            try check(context)
            let response = try await infer(request)
            metrics.answered(status: response.status.code)
            trace?.answered(response.status.code, model: model.name, version: model.version)
            return response
        } catch let refusal as Refusal {
            metrics.answered(status: refusal.status.code)
            trace?.answered(refusal.status.code, model: model.name, version: model.version)
            throw refusal
        }
    }

    private func infer(_ request: Request) async throws -> Response {
        if request.headers[.inferenceHeaderContentLength] != nil {
            throw Refusal(.badRequest, "binary tensor data is not supported; send the tensors as JSON")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            throw Refusal(.contentTooLarge, "the body is larger than \(Self.maximumBodyBytes) bytes")
        }
        do {
            let inferenceRequest = try InferenceRequest(json: body.readableBytesView)
            let batch = try model.batch(of: inferenceRequest)
            let prediction = try await predict(batch)
            return Response(json: model.response(to: inferenceRequest, prediction).json())
        } catch let error as MalformedBody {
            throw Refusal(.badRequest, error.description)
        }
    }

    private func predict(_ batch: ServedModel.Batch) async throws -> Booster.Prediction {
        let start = ContinuousClock.now
        do {
            let prediction = try await inference.predict(batch.values, batch: batch.rows)
            guard prediction.values.allSatisfy(\.isFinite) else {
                throw Refusal(.internalServerError, "the model's answer is not a finite number")
            }
            metrics.predicted(rows: batch.rows, in: .now - start)
            return prediction
        } catch is InferenceThread.Overloaded {
            throw Refusal(
                .serviceUnavailable, "\(inference.capacity) requests are waiting already; try again",
                retryAfterSeconds: 1)
        } catch let error as XGBoostError {
            throw Refusal(.internalServerError, error.description)
        }
    }
}

extension HTTPField.Name {
    /// The span that whoever sent the request says it belongs to. The name is a valid token.
    static var traceparent: Self { unsafe Self(TraceContext.name).unsafelyUnwrapped }
    /// Marks a body with binary tensors behind its JSON (an extension of the protocol).
    static var inferenceHeaderContentLength: Self {
        // The literal is a valid token, so the optional initialiser gives a name.
        unsafe Self("Inference-Header-Content-Length").unsafelyUnwrapped
    }
}
