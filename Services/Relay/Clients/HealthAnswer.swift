// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Operations

/// What `GET /health/ready` answers.
package struct HealthAnswer: Decodable, Sendable {
    var ready: Bool
    /// What the service is made of, each part with its own answer.
    package var parts: [Readiness.Part]

    /// What is not ready, one sentence each; empty for a service that is.
    package static func problems(status: Int, body: [UInt8]) -> [String] {
        if status == 200 { return [] }
        guard let answer = try? JSONDecoder().decode(HealthAnswer.self, from: Data(body)) else {
            return ["HTTP \(status)"]
        }
        let unready = answer.parts.filter { !$0.ready }.map { "\($0.part): \($0.reason)" }
        return unready.isEmpty ? ["HTTP \(status)"] : unready
    }
}
