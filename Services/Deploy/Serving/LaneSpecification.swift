// SPDX-License-Identifier: Apache-2.0

/// What one lane process is to serve, and how it is started.
package struct LaneSpecification: Sendable, Equatable {
    /// The program; it takes the options of `relay-lane`.
    var executable: String
    /// The model file, already checked against its digest.
    var modelFile: String
    /// The name under which the model is served.
    var modelName: String
    /// The version that the lane tells: the start of the artifact's digest.
    var modelVersion: String
    /// The name of the input tensor that requests must use.
    var inputName: String
    /// The features that the model file must name, if it names any; nil when that has been checked before.
    var features: [String]?
    /// Where the lane writes its address.
    var directory: String
    /// Variables that the lane gets; nothing else is inherited.
    var environment: [String: String] = [:]
    /// How long the lane may take to become ready.
    var startTimeout: Duration = .seconds(20)

    func arguments(addressFile: String, featuresFile: String) -> [String] {
        // A name may begin with a dash.
        [
            "--model-file", modelFile, "--model-name=\(modelName)", "--model-version", modelVersion,
            "--input-name=\(inputName)", "--host", "127.0.0.1", "--port", "0", "--address-file", addressFile,
            "--parent-watch",
        ] + (features == nil ? [] : ["--features-file", featuresFile])
    }
}
