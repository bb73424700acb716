// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RelaySupervisor

@Suite("What the processes of a relay are given")
struct SuitePlanTests {
    private func pipeline(_ environment: [String: String]) throws -> [String: String] {
        let plan = try SuitePlan(layout: SuiteLayout(dataDirectory: "/nonexistent"), environment: environment)
        return try #require(plan.services(bootstrapServers: "").first { $0.name == "pipeline" }).environment(0)
    }

    @Test("stages get the PATH of whoever starts the relay, unless another one is set for them")
    func stagePath() throws {
        let path = "/home/me/venv/bin:/usr/bin"
        #expect(try pipeline(["PATH": path])["RELAY_PIPELINE_STAGE_PATH"] == path)
        #expect(
            try pipeline(["PATH": path, "RELAY_PIPELINE_STAGE_PATH": "/opt/bin"])["RELAY_PIPELINE_STAGE_PATH"]
                == "/opt/bin")
        #expect(try pipeline(["PATH": "bin"])["RELAY_PIPELINE_STAGE_PATH"] == nil)
        #expect(try pipeline([:])["RELAY_PIPELINE_STAGE_PATH"] == nil)
    }
}
