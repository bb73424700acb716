// SPDX-License-Identifier: Apache-2.0

import Baton
package import DeployRollout
import LegRuntime
package import Logging
import NIOCore
import NIOHTTP1
import OpenInference
import Operations
package import RoutingRules
import Serving

/// Carries an inference request to the best lane, and to another one when that one stumbles.
package struct InferenceRelay: Sendable {
    /// What the client gets.
    struct Answer: Sendable {
        var status: Int
        var body: ByteBuffer
        var contentType = "application/json"
        var retryAfter: String?
        var lane: String?
        var release: ReleaseRecord?
        /// Whether the client's connection should end with it.
        var endsConnection = false

        static func refusal(_ status: Int, _ reason: String, release: ReleaseRecord? = nil) -> Answer {
            Answer(
                status: status, body: ByteBuffer(bytes: ErrorBody(error: reason).json()),
                retryAfter: status == 503 ? "1" : nil, release: release)
        }
    }

    let releases: ServedReleases
    let budget: RequestBudget
    let metrics: RouterMetrics
    let logger: Logger

    /// Carries requests to the lanes of the releases that serve.
    package init(
        releases: ServedReleases, budget: RequestBudget = RequestBudget(), metrics: RouterMetrics, logger: Logger
    ) {
        (self.releases, self.budget, self.metrics, self.logger) = (releases, budget, metrics, logger)
    }

    /// Answers a request for a model. Inference is idempotent, so one more attempt is allowed after a stumble.
    /// - Parameters:
    ///   - version: the only version the client accepts; nil for the one that is live.
    ///   - trace: where the request belongs; nil when nobody said.
    func infer(
        _ model: String, version: String? = nil, _ body: ByteBuffer, trace: RequestTrace? = nil
    ) async -> Answer {
        await carry(.post("/v2/models/\(model)/infer", body), to: model, version: version, trace: trace)
    }

    /// What a lane says of a model that it serves.
    func metadata(_ model: String, version: String? = nil) async -> Answer {
        await carry(.get("/v2/models/\(model)"), to: model, version: version, trace: nil)
    }

    private func carry(
        _ request: LaneRequest, to model: String, version: String?, trace: RequestTrace?
    ) async -> Answer {
        let deadline = ContinuousClock.now + budget.total
        await releases.awaitFirst(model, waiting: budget.attempt)
        // A release can be replaced between look-up and choice; the next look-up finds its successor.
        for _ in 0..<3 {
            guard let release = releases.serving(model) else {
                // 503 while this router is still starting: another one may know the model already.
                return releases.mayServeSoon(model)
                    ? .refusal(503, "\"\(model)\" is not served here yet")
                    : .refusal(404, "no release of a model \"\(model)\" is live here")
            }
            if let version, version != release.version {
                return .refusal(
                    404, "version \"\(version)\" of \"\(model)\" is not live; \(release.version) is",
                    release: release.record)
            }
            if let answer = await attempt(release, model, request, trace, deadline) { return answer }
        }
        return .refusal(503, "the releases of \"\(model)\" are changing too fast")
    }

    /// Nil when the release has been replaced.
    private func attempt(
        _ release: ReleaseLanes, _ model: String, _ request: LaneRequest, _ trace: RequestTrace?,
        _ deadline: ContinuousClock.Instant
    ) async -> Answer? {
        var stumbled: (lane: String, reason: String)?
        for isLast in [false, true] {
            switch release.roster.update({ $0.checkOut(except: stumbled?.lane, now: .now) }) {
            case .closed: return nil
            case .noneReady:
                let reason = stumbled.map { "lane \($0.lane): \($0.reason)" } ?? "none is running"
                var answer = Answer.refusal(503, "no lane of \"\(model)\" is ready: \(reason)", release: release.record)
                // The next request may come to another router.
                answer.endsConnection = true
                return answer
            case .lane(let lane):
                switch await send(request, to: lane, of: release, trace, deadline) {
                case .success(let response) where response.status != 503 || isLast:
                    return Answer(
                        status: response.status, body: response.body,
                        contentType: response.headers.first(name: "content-type") ?? "application/json",
                        retryAfter: response.headers.first(name: "retry-after"), lane: lane.id,
                        release: release.record)
                case .success: stumbled = (lane.id, "it is overloaded")
                case .failure(let error): stumbled = (lane.id, error.outline)
                }
                if !isLast { metrics.retried() }
            }
        }
        let reason = stumbled.map { "lane \($0.lane): \($0.reason)" } ?? "unknown"
        return .refusal(503, "two attempts failed; the last at \(reason)", release: release.record)
    }

    private func send(
        _ request: LaneRequest, to lane: ServingLane, of release: ReleaseLanes, _ trace: RequestTrace?,
        _ deadline: ContinuousClock.Instant
    ) async -> Result<LaneResponse, LaneTransportError> {
        let attempt = trace?.attempt()
        var request = request
        request.traceparent = attempt?.context.description
        let result: Result<LaneResponse, LaneTransportError>
        do {
            guard let timeout = budget.attempt(before: deadline, now: .now) else {
                throw LaneTransportError.timedOut(budget.total)
            }
            result = .success(try await lane.client.send(request, timeout: timeout))
        } catch let error as LaneTransportError {
            result = .failure(error)
        } catch {
            result = .failure(.connectionLost(inPlainWords(error)))
        }
        attempt?.ended(at: lane.id, result)
        // A full pool says nothing about the lane.
        let isStumble = if case .failure(let error) = result, !error.isBusy { true } else { false }
        if case .failure(let error) = result, isStumble {
            logger.with(.about(release.record)).warning(
                "lane stumbled", metadata: ["lane": "\(lane.id)", "reason": "\(error)"])
            metrics.stumbled()
        }
        release.roster.update { $0.checkIn(lane.id, stumbled: isStumble, now: .now) }
        return result
    }
}

extension LaneTransportError {
    /// Refused before anything was sent, because enough is under way.
    var isBusy: Bool {
        if case .poolExhausted = self { true } else { false }
    }
}
