// SPDX-License-Identifier: Apache-2.0

import Baton

/// What is known of the release that a baton carries: its gates, its lanes, and what it is made of.
struct ScreenRelease: Encodable, Sendable, Equatable {
    struct Lanes: Encodable, Sendable, Equatable {
        struct Lane: Encodable, Sendable, Equatable {
            let id: String
            let port: Int
        }

        let endpoint: String
        /// Whether they are in front of traffic, or were taken off it.
        let isServing: Bool
        let lanes: [Lane]
    }

    struct Artifact: Encodable, Sendable, Equatable {
        struct Metric: Encodable, Sendable, Equatable {
            let name: String
            let value: Double
        }

        struct Stage: Encodable, Sendable, Equatable {
            let name: String
            let result: ReleaseManifest.Stage.Result
        }

        let path: String
        let digest: String
        /// By name.
        let metrics: [Metric]
        let stages: [Stage]
        /// What of it is not shown, and where it is; nil when all of it is.
        let remark: String?
    }

    /// Nil until the release is checked.
    let gates: [Verification.Gate]?
    /// What of the gates is not shown, and where it is; nil when they all are.
    let gatesRemark: String?
    let lanes: Lanes?
    let artifact: Artifact?
    /// When the newest of it was handed over.
    let asOf: Timestamp?

    init(_ state: BatonState) {
        gates = state.results.verification?.gates
        gatesRemark = state.results.verification?.whole?.remark(on: ["gates"])
        lanes = state.results.rollout.map { rollout in
            Lanes(
                endpoint: rollout.endpoint, isServing: state.isLive,
                lanes: rollout.lanes.map { Lanes.Lane(id: $0.id, port: $0.port) })
        }
        artifact = state.results.build.map { build in
            Artifact(
                path: build.artifact.path, digest: "\(build.artifact.digest)",
                metrics: build.metrics.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) },
                stages: build.stages.map { .init(name: $0.name, result: $0.result) },
                remark: build.whole?.remark(on: ["stages", "metrics"]))
        }
        let ends = [Duty.rollout, .verification].lazy.compactMap { duty in
            state.accepted.last { $0.duty == duty }?.acceptedAt
        }
        asOf = ends.first
    }
}
