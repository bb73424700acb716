// SPDX-License-Identifier: Apache-2.0

import Baton
import CLibxgboost

/// Owner of one trained XGBoost model. Its calls block and must come one at a time.
package struct Booster: ~Copyable {
    /// Predictions of one batch, row-major.
    package struct Prediction: Sendable, Equatable {
        /// `[batch]`, or `[batch, classes]` when the model answers more than one number a row.
        package let shape: [Int]
        /// The numbers.
        package let values: [Float]
    }

    private let handle: BoosterHandle
    /// Columns that the model was trained on.
    package let featureCount: Int
    /// Their names, when the model file carries them.
    let featureNames: [String]
    /// Which of its rounds answer.
    let rounds: AnsweringRounds

    /// Loads a model from the bytes of a file in XGBoost's JSON or UBJSON format.
    package static func load(_ model: [UInt8]) throws(XGBoostError) -> Booster {
        // Everything else goes to the reader of the old binary format, which trusts the lengths in the file.
        guard model.first == UInt8(ascii: "{") else {
            throw XGBoostError(action: "loading the model", reason: "the file is neither XGBoost JSON nor UBJSON")
        }
        let header = try ModelFileHeader.read(model)
        try LibraryVersion.here.check(header)
        var created: BoosterHandle?
        try XGBoostError.check("creating a booster") { XGBoosterCreate(nil, 0, &created) }
        guard let handle = created else {
            throw XGBoostError(action: "creating a booster", reason: "the library gave none")
        }
        do throws(XGBoostError) {
            try XGBoostError.check("loading the model") {
                XGBoosterLoadModelFromBuffer(handle, model, bst_ulong(model.count))
            }
            // Lanes are the unit of parallelism: threads within one would only compete with the other lanes.
            try XGBoostError.check("setting nthread") { XGBoosterSetParam(handle, "nthread", "1") }
            var count: bst_ulong = 0
            try XGBoostError.check("asking for the number of features") { XGBoosterGetNumFeature(handle, &count) }
            guard count > 0 else {
                throw XGBoostError(action: "loading the model", reason: "it has no features: it was never trained")
            }
            return Booster(
                handle: handle, featureCount: Int(count), featureNames: try names(of: handle),
                rounds: try AnsweringRounds.of(handle, booster: header.booster))
        } catch {
            XGBoosterFree(handle)
            throw error
        }
    }

    private init(handle: BoosterHandle, featureCount: Int, featureNames: [String], rounds: AnsweringRounds) {
        self.handle = handle
        self.featureCount = featureCount
        self.featureNames = featureNames
        self.rounds = rounds
    }

    deinit {
        XGBoosterFree(handle)
    }

    /// What whoever looks after the model should know; nil when there is nothing to say.
    package var remark: String? { rounds.remark }

    /// Holds the file against the declared features. A file without names, as training on bare arrays writes it, is
    /// only held to their number.
    package borrowing func check(features declared: [String]) throws(XGBoostError) {
        func refuse(_ reason: String) -> XGBoostError {
            XGBoostError(action: "comparing the features", reason: reason)
        }
        guard featureCount == declared.count else {
            throw refuse("the model takes \(featureCount) features, and relay.yaml declares \(declared.count)")
        }
        guard !featureNames.isEmpty, let parted = FeatureNames(featureNames).difference(from: declared) else { return }
        let what = featureNames.sorted() == declared.sorted() ? "in another order" : "named otherwise"
        throw refuse(
            "the model file's are \(what) than relay.yaml declares: it has \(parted.found), and input.features are "
                + parted.expected)
    }

    private static func names(of handle: BoosterHandle) throws(XGBoostError) -> [String] {
        var count: bst_ulong = 0
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        try XGBoostError.check("asking for the feature names") {
            XGBoosterGetStrFeatureInfo(handle, "feature_name", &count, &names)
        }
        guard let names else { return [] }
        return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
    }

    /// Predicts a batch.
    /// - Parameter values: row-major, `featureCount` numbers a row; NaN for a missing value.
    package borrowing func predict(_ values: [Float], batch: Int) throws(XGBoostError) -> Prediction {
        precondition(values.count == batch * featureCount, "the caller checks the shape")
        var created: DMatrixHandle?
        try XGBoostError.check("reading the rows") {
            XGDMatrixCreateFromMat(values, bst_ulong(batch), bst_ulong(featureCount), .nan, &created)
        }
        guard let matrix = created else {
            throw XGBoostError(action: "reading the rows", reason: "the library gave no matrix")
        }
        defer { XGDMatrixFree(matrix) }
        var shape: UnsafePointer<bst_ulong>?
        var dimensions: bst_ulong = 0
        var result: UnsafePointer<Float>?
        let options = """
            {"type":0,"training":false,"iteration_begin":0,"iteration_end":\(rounds.end),"strict_shape":false}
            """
        try XGBoostError.check("predicting") {
            XGBoosterPredictFromDMatrix(handle, matrix, options, &shape, &dimensions, &result)
        }
        guard let shape, let result else {
            throw XGBoostError(action: "predicting", reason: "the library gave no result")
        }
        // Both point into memory that the library reuses in its next call.
        let copied = UnsafeBufferPointer(start: shape, count: Int(dimensions)).map { Int($0) }
        let count = copied.reduce(1, *)
        return Prediction(shape: copied, values: Array(UnsafeBufferPointer(start: result, count: count)))
    }
}
