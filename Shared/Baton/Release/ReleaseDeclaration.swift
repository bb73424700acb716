// SPDX-License-Identifier: Apache-2.0

/// What a project says about its release: the content of `relay.yaml`.
///
/// Paths are relative to the project and name outputs of its pipeline unless said otherwise.
public struct ReleaseDeclaration: Codable, Sendable, Equatable {
    public struct Model: Codable, Sendable, Equatable {
        /// The name under which the model is served.
        public var name: String
        /// The output that is the model file.
        public var artifact: String
        /// What can load it; `xgboost` for now.
        public var kind: String
        public init(name: String, artifact: String, kind: String) {
            self.name = name
            self.artifact = artifact
            self.kind = kind
        }
    }

    public struct Input: Codable, Sendable, Equatable {
        /// The name of the input tensor.
        public var name: String
        /// The features in the order of the tensor's columns.
        public var features: [String]
        public init(name: String, features: [String]) {
            self.name = name
            self.features = features
        }
    }

    public struct Contract: Codable, Sendable, Equatable {
        /// Counts the breaks with clients: a release that takes or answers something else than the live one needs a
        /// higher one.
        public var version: Int
        public init(version: Int) { self.version = version }
    }

    public struct Gates: Codable, Sendable, Equatable {
        /// The JSON file of metrics.
        public var metrics: String
        /// The lowest accepted value of each metric.
        public var floors: [String: Double]
        /// The output with golden requests and expected answers.
        public var golden: String
        /// The largest accepted absolute difference from an expected answer.
        public var tolerance: Double
        public init(metrics: String, floors: [String: Double], golden: String, tolerance: Double) {
            self.metrics = metrics
            self.floors = floors
            self.golden = golden
            self.tolerance = tolerance
        }
    }

    public struct Watch: Codable, Sendable, Equatable {
        /// How long the live release is watched before the leg passes, in seconds.
        public var periodSeconds: Double
        /// Fewer requests than this in the period, refused ones left out, fail the leg: nothing was seen, so nothing
        /// is known.
        public var minimumPredictions: Int
        /// The output with the reference sample: a CSV of the features and a last column `prediction`.
        public var reference: String
        /// The largest accepted drift of a feature or of the prediction (population stability index).
        public var maximumDrift: Double
        /// The largest accepted share of failed requests.
        public var maximumErrorRate: Double
        /// The largest accepted 99th percentile of latency, in milliseconds.
        public var maximumLatencyMilliseconds: Double
        /// The largest accepted share of requests refused for a reason on the caller's side. Nil: no more than before
        /// the release, and no more than half where nothing is known of before.
        public var maximumRefusalRate: Double?
        public init(
            periodSeconds: Double, minimumPredictions: Int, reference: String, maximumDrift: Double,
            maximumErrorRate: Double, maximumLatencyMilliseconds: Double, maximumRefusalRate: Double? = nil
        ) {
            self.periodSeconds = periodSeconds
            self.minimumPredictions = minimumPredictions
            self.reference = reference
            self.maximumDrift = maximumDrift
            self.maximumErrorRate = maximumErrorRate
            self.maximumLatencyMilliseconds = maximumLatencyMilliseconds
            self.maximumRefusalRate = maximumRefusalRate
        }
    }

    public var model: Model
    public var input: Input
    /// Which contract with its clients the release keeps; the first unless declared.
    public var contract: Contract?
    public var gates: Gates
    /// How many lanes serve the release.
    public var lanes: Int
    public var watch: Watch
    /// The output with the calibration sample.
    public var calibration: String?
    /// The output with sample requests, one a line, for whoever wants to play traffic.
    public var requests: String?
    /// What this release may cost until its books are closed.
    public var budget: Money

    public init(
        model: Model, input: Input, gates: Gates, lanes: Int, watch: Watch, calibration: String?, requests: String?,
        budget: Money, contract: Contract? = nil
    ) {
        self.model = model
        self.input = input
        self.contract = contract
        self.gates = gates
        self.lanes = lanes
        self.watch = watch
        self.calibration = calibration
        self.requests = requests
        self.budget = budget
    }
}

extension ReleaseDeclaration {
    /// The outputs that the declaration names, by the key of `relay.yaml` that names them.
    public var namedOutputs: [(key: String, path: String)] {
        [
            ("model.artifact", model.artifact), ("gates.metrics.file", gates.metrics),
            ("gates.golden.file", gates.golden), ("watch.reference", watch.reference),
        ] + (calibration.map { [("calibration.file", $0)] } ?? []) + (requests.map { [("traffic.file", $0)] } ?? [])
    }
}
