// SPDX-License-Identifier: Apache-2.0

import XGBoost

/// Reads a model file and asks it for one prediction, so that a model that cannot answer never becomes ready.
struct LoadedModel: ~Copyable {
    let description: ServedModel
    let booster: Booster

    /// - Parameter features: what the file's features must be called, if it calls them anything.
    init(
        bytes: [UInt8], name: String, version: String, inputName: String = ServedModel.inputName,
        features: [String]? = nil
    ) throws(XGBoostError) {
        let booster = try Booster.load(bytes)
        if let features { try booster.check(features: features) }
        let trial = try booster.predict(Array(repeating: .nan, count: booster.featureCount), batch: 1)
        description = ServedModel(
            name: name, version: version, featureCount: booster.featureCount, outputsPerRow: trial.values.count,
            inputName: inputName)
        self.booster = booster
    }

    consuming func takeBooster() -> Booster { booster }
}
