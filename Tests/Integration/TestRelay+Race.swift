// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import TestSupport
import Testing

/// What these tests look at in `GET /batons/{id}`, decoded by code of their own.
struct SeenBaton: Decodable, Sendable {
    struct State: Decodable, Sendable {
        struct Current: Decodable, Sendable {
            var duty: String
            var number: Int
            var lane: String
        }
        struct Ending: Decodable, Sendable {
            var kind: String
            var reason: String?
        }
        struct Accepted: Decodable, Sendable {
            var duty: String
            var lane: String
        }
        struct Results: Decodable, Sendable {
            struct Build: Decodable, Sendable {
                struct Stage: Decodable, Sendable {
                    var name: String
                    var result: String
                }
                struct Artifact: Decodable, Sendable { var digest: String }
                var stages: [Stage]
                var artifact: Artifact
            }
            struct Rollout: Decodable, Sendable { var endpoint: String }
            var build: Build?
            var rollout: Rollout?
        }
        var current: Current?
        var ending: Ending?
        var accepted: [Accepted]
        var results: Results
    }
    struct Progress: Decodable, Sendable {
        var duty: String
        var fraction: Double
        var note: String?
    }
    var state: State
    var progress: Progress?

    var hasEnded: Bool { state.current == nil && state.ending != nil }
}

extension TestRelay {
    /// Publishes a request over HTTP and gives the captain's answer.
    /// - Parameter more: further headers.
    func post(
        _ body: String, id: String, source: String = "tests", headers more: [String: String] = [:]
    ) async throws -> HTTPClient.Response {
        let attributes = [
            "ce-specversion": "1.0", "ce-id": id, "ce-source": source, "ce-type": "relay.release.requested.v1",
        ]
        return try await HTTPClient().post(
            captain + "/events", body: Array(body.utf8), headers: attributes.merging(more) { $1 })
    }

    /// Asks for a release of a project; gives the baton's id.
    func release(
        _ project: Project, id: String = UUID().uuidString, model: String = "quick", parameters: String = "{}"
    ) async throws -> String {
        let body = """
            {"project":{"directory":"\(project.directory)"},"model":"\(model)","requester":"tester",
             "parameters":\(parameters)}
            """
        return try await release(body: body, id: id)
    }

    /// Publishes a request as it is; gives the baton's id.
    /// - Parameter headers: further ones than the event's attributes.
    func release(
        body: String, id: String = UUID().uuidString, headers: [String: String] = [:]
    ) async throws -> String {
        let answer = try await eventually(within: .seconds(30), "the captain's answer") {
            // The captain may be the one that is down.
            try? await post(body, id: id, headers: headers)
        }
        try #require(answer.status == 202, "\(answer.text)")
        struct Answer: Decodable {
            struct Baton: Decodable { var id: String }
            var batons: [Baton]
        }
        return try #require(JSONDecoder().decode(Answer.self, from: Data(answer.body)).batons.first).id
    }

    /// What the captain tells of a baton; nil while it does not answer or does not know it.
    func look(_ baton: String) async throws -> SeenBaton? {
        guard let answer = try? await HTTPClient(timeout: .seconds(2)).get("\(captain)/batons/\(baton)"),
            answer.isSuccess
        else { return nil }
        return try JSONDecoder().decode(SeenBaton.self, from: Data(answer.body))
    }

    /// Waits until a baton's duty is at work, or at least assigned.
    func working(_ baton: String, at duty: String, hasBegun: Bool = true) async throws {
        _ = try await eventually(within: .seconds(30), "\(baton) at work in \(duty)") {
            let seen = try await look(baton)
            try #require(seen?.hasEnded != true, "\(baton) ended: \(seen?.state.ending?.reason ?? "")")
            return seen.flatMap {
                $0.state.current?.duty == duty && (!hasBegun || $0.progress?.duty == duty) ? true : nil
            }
        }
    }

    /// Follows a baton to its end, playing the project's requests to it while it is watched.
    func finish(_ baton: String, within limit: Duration = .seconds(90)) async throws -> SeenBaton {
        let bodies = try String(
            contentsOfFile: "\(Self.package)/Tests/Fixtures/quick/inputs/requests.jsonl", encoding: .utf8
        )
        .split(separator: "\n").map { Array($0.utf8) }
        var last: SeenBaton?
        return try await eventually(within: limit, "the end of \(baton), last seen \(String(describing: last?.state))")
        {
            guard let seen = try await look(baton) else { return nil }
            last = seen
            if seen.hasEnded { return seen }
            if seen.state.current?.duty == "watch", let endpoint = seen.state.results.rollout?.endpoint {
                for body in bodies {
                    // An answer is not needed here: a killed router is part of these tests.
                    _ = try? await HTTPClient(timeout: .seconds(1)).post(
                        "\(endpoint)/v2/models/quick/infer", body: body)
                }
            }
            return nil
        }
    }
}
