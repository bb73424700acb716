// SPDX-License-Identifier: Apache-2.0

package import Baton
import Foundation
package import OpenInference

/// Requests with the answers that the model must give, as the project's pipeline wrote them:
///
///     {"cases": [{"request": <inference request>, "response": {"outputs": [<tensor>, ...]}}, ...]}
///
/// Other members are ignored. Requests and tensors are those of the Open Inference Protocol V2.
package struct GoldenRequests: Sendable, Equatable {
    /// One request.
    package struct Case: Sendable, Equatable {
        /// What is asked.
        package var request: InferenceRequest
        /// What the model must answer.
        package var expected: [Tensor]
    }

    /// In the order of the file.
    package let cases: [Case]

    /// Reads the file that a project's pipeline wrote.
    /// - Throws: `Refusal` with every problem found.
    package init(json: [UInt8]) throws(Refusal) {
        guard let root = try Self.parse(json) as? [String: Any], let entries = root["cases"] as? [[String: Any]] else {
            throw Refusal("it must be an object with an array \"cases\" of objects")
        }
        guard !entries.isEmpty else { throw Refusal("cases: there must be at least one") }
        var cases: [Case] = []
        var problems: [String] = []
        for (index, entry) in entries.enumerated() {
            do throws(MalformedBody) {
                cases.append(try Self.read(entry))
            } catch {
                problems += error.problems.map { "cases[\(index)].\($0)" }
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        self.cases = cases
    }

    private static func parse(_ json: [UInt8]) throws(Refusal) -> Any {
        do {
            return try JSONSerialization.jsonObject(with: Data(json))
        } catch {
            throw Refusal("it is not JSON")
        }
    }

    private static func read(_ entry: [String: Any]) throws(MalformedBody) -> Case {
        let request = try bytes(of: entry, "request")
        // A golden answer is of no server, so it need not name one.
        let response = try bytes(of: entry, "response", adding: ["model_name": "golden"])
        var problems: [String] = []
        var readRequest: InferenceRequest?
        var readResponse: InferenceResponse?
        do throws(MalformedBody) { readRequest = try InferenceRequest(json: request) } catch {
            problems += error.problems.map { "request.\($0)" }
        }
        do throws(MalformedBody) { readResponse = try InferenceResponse(json: response) } catch {
            problems += error.problems.map { "response.\($0)" }
        }
        guard let readRequest, let readResponse else { throw MalformedBody(problems: problems) }
        return Case(request: readRequest, expected: readResponse.outputs)
    }

    private static func bytes(
        of entry: [String: Any], _ name: String, adding: [String: Any] = [:]
    ) throws(MalformedBody) -> [UInt8] {
        guard let member = entry[name] as? [String: Any] else {
            throw MalformedBody(problems: ["\(name): must be an object"])
        }
        do {
            return Array(try JSONSerialization.data(withJSONObject: adding.merging(member) { $1 }))
        } catch {
            throw MalformedBody(problems: ["\(name): \(error)"])
        }
    }
}
