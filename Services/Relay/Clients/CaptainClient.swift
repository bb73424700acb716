// SPDX-License-Identifier: Apache-2.0

package import Baton
import Foundation
import Operations

/// Talks to the captain as any external system does.
package struct CaptainClient: Sendable {
    /// Of the captain, without a slash at its end.
    package let baseURL: String
    let http = HTTPClient(timeout: .seconds(5))

    /// Of its parts.
    package init(baseURL: String) {
        self.baseURL = baseURL
    }

    /// Publishes a request by CloudEvents' HTTP binding in binary mode.
    /// - Returns: the baton that it is, or already was.
    /// - Throws: `RelayFailure` with the captain's own words when it refuses.
    package func publish(_ event: CloudEvent) async throws -> BatonID {
        let headers = Dictionary(event.httpHeaders.map { ($0.name, $0.value) }) { first, _ in first }
        let answer = try await reach {
            try await http.post(baseURL + "/events", body: event.data ?? [], headers: headers)
        }
        guard answer.status == 202 else {
            throw RelayFailure(
                "the captain refused the request (HTTP \(answer.status)): \(Self.problems(answer.body))",
                remedy: "mend what it names and publish again")
        }
        return BatonID(source: event.source, id: event.id)
    }

    /// Calls a baton off.
    /// - Throws: `RelayFailure` with the captain's own words when it refuses.
    package func cancel(_ baton: BatonID, by: String, reason: String) async throws {
        let answer = try await reach {
            try await http.post(
                "\(baseURL)/batons/\(baton)/cancel", body: JSON.encode(["by": by, "reason": reason]),
                headers: ["content-type": "application/json"])
        }
        guard answer.status == 202 else {
            throw RelayFailure(
                "the captain did not call off \(baton) (HTTP \(answer.status)): \(Self.problems(answer.body))",
                remedy: "`relay status` lists the batons that are out")
        }
    }

    /// nil while the captain has not seen the baton yet.
    /// - Throws: `HTTPClientError` while it cannot be reached, which `reach` tells.
    package func report(of baton: BatonID) async throws -> BatonReport? {
        let answer = try await http.get("\(baseURL)/batons/\(baton)")
        if answer.status == 404 { return nil }
        guard answer.isSuccess else {
            throw RelayFailure(
                "the captain answered HTTP \(answer.status): \(Self.problems(answer.body))",
                remedy: "look at \(baseURL)/health/ready")
        }
        return try JSON.decode(BatonReport.self, from: answer.body)
    }

    /// The captain's list of batons, as it gives it.
    package func list() async throws -> [BatonLine] {
        let answer = try await reach { try await http.get(baseURL + "/batons") }
        guard answer.isSuccess else {
            throw RelayFailure(
                "the captain answered HTTP \(answer.status): \(Self.problems(answer.body))",
                remedy: "look at \(baseURL)/health/ready")
        }
        return try JSON.decode(BatonList.self, from: answer.body).batons
    }

    /// Tells that the captain cannot be reached, and what to do.
    package func reach<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as HTTPClientError {
            throw RelayFailure(
                "the captain at \(baseURL) cannot be reached: \(error.reason)",
                remedy: "start a relay with `relay up`, or name its captain with --captain")
        }
    }

    private struct ErrorBody: Codable {
        struct Content: Codable {
            var message: String
            var problems: [String]?
        }
        var error: Content
    }

    /// The problems in an error answer, or the answer itself.
    package static func problems(_ body: [UInt8]) -> String {
        guard let error = try? JSON.decode(ErrorBody.self, from: body).error else {
            return String(decoding: body.prefix(500), as: UTF8.self)
        }
        return error.problems.flatMap { $0.isEmpty ? nil : $0.joined(separator: "; ") } ?? error.message
    }
}
