// SPDX-License-Identifier: Apache-2.0

package import Baton
import DeployRollout
import Digest
import HTTPTypes
import Hummingbird
import NIOCore
import OpenInference
package import Operations
import RoutingRules
import Serving
import Web

/// The Open Inference Protocol V2 over HTTP for every live model.
package struct RouterRoutes: Sendable {
    static let server = ServerMetadata(name: "relay-deploy", version: "1.0.0")
    /// As large as a lane takes.
    static let maximumBodyBytes = 16 * 1024 * 1024

    let relay: InferenceRelay
    let reports: any AnswerReports
    let drain: RouterDrain
    let traces: Traces
    let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - reports: hears of each answer.
    ///   - drain: says when other routers should be asked.
    package init(
        relay: InferenceRelay, reports: any AnswerReports, drain: RouterDrain, traces: Traces = .off,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.relay, self.reports, self.drain) = (relay, reports, drain)
        (self.traces, self.now) = (traces, now)
    }

    func add(to router: Router<RouterContext>) {
        router.get("v2") { _, _ in Response(json: Self.server.json()) }
        router.get("v2/health/live") { _, _ in Response(json: Array(#"{"live":true}"#.utf8)) }
        router.get("v2/health/ready") { _, _ in
            let ready = !drain.isUnderWay && relay.releases.view.read { $0.isReady }
            return Response(
                json: Array(#"{"ready":\#(ready)}"#.utf8), status: ready ? .ok : .serviceUnavailable)
        }
        for path in ["v2/models/:name", "v2/models/:name/versions/:version"] {
            router.get(RouterPath(path)) { _, context in try await metadata(context.parameters) }
            router.get("\(path)/ready") { _, context in try ready(context.parameters) }
            router.post("\(path)/infer") { request, context in
                let model = try context.parameters.require("name")
                return await infer(model, version: context.parameters.get("version"), request)
            }
        }
    }

    private func infer(_ model: String, version: String?, _ request: Request) async -> Response {
        let start = ContinuousClock.now
        let id = requestID()
        let trace = RequestTrace(request.headers[.traceparent], traces)
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            let answer = InferenceRelay.Answer.refusal(
                413, "the body is larger than \(Self.maximumBodyBytes) bytes",
                release: relay.releases.serving(model)?.record)
            return told(answer, id: id, ByteBuffer(), in: .now - start)
        } catch {
            return .refusal(400, "the body ended before it was whole")
        }
        let answer = await relay.infer(model, version: version, body, trace: trace)
        trace?.answered(answer, model: model, request: id)
        return told(answer, id: id, body, in: .now - start)
    }

    /// Counts and reports a request for a model whose body was not even read.
    func refused(_ target: String, _ refusal: EdgeRefusal) {
        guard refusal.reason == .tooLarge,
            let path = target.wholeMatch(of: /\/v2\/models\/([^\/?]+)(?:\/versions\/[^\/?]+)?\/infer(?:\?.*)?/)
        else { return }
        let answer = InferenceRelay.Answer.refusal(
            refusal.status.code, refusal.message,
            release: relay.releases.serving(String(path.1))?.record)
        _ = told(answer, id: requestID(), ByteBuffer(), in: .zero)
    }

    /// The response to a request, which is counted and reported.
    private func told(
        _ answer: InferenceRelay.Answer, id: String, _ body: ByteBuffer, in latency: Duration
    ) -> Response {
        relay.metrics.answered(status: answer.status, in: latency)
        if let release = answer.release {
            reports.report(
                AnsweredRequest(
                    id: id, release: release, lane: answer.lane, status: answer.status, request: body,
                    response: answer.body, latency: latency, at: now()))
        }
        return Response(answer, requestID: id)
    }

    /// The live release that a path names, or the refusal.
    private func release(_ parameters: Parameters) throws -> Result<ReleaseLanes, Unavailable> {
        let name = try parameters.require("name")
        guard let release = relay.releases.serving(name) else {
            return .failure(Unavailable(reason: "no release of a model \"\(name)\" is live here"))
        }
        if let version = parameters.get("version"), version != release.version {
            return .failure(
                Unavailable(reason: "version \"\(version)\" of \"\(name)\" is not live; \(release.version) is"))
        }
        return .success(release)
    }

    private struct Unavailable: Error {
        let reason: String
    }

    private func ready(_ parameters: Parameters) throws -> Response {
        switch try release(parameters) {
        case .failure(let unavailable): .refusal(404, unavailable.reason)
        case .success where drain.isUnderWay: .refusal(503, "this router is stopping")
        case .success(let release):
            release.roster.read { $0.entries.isEmpty }
                ? .refusal(503, "no lane is ready") : Response(json: Array(#"{"ready":true}"#.utf8))
        }
    }

    private func metadata(_ parameters: Parameters) async throws -> Response {
        let name = try parameters.require("name")
        return Response(await relay.metadata(name, version: parameters.get("version")), requestID: nil)
    }

    /// 128 random bits. A counter would need all instances to share it.
    private func requestID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
