// SPDX-License-Identifier: Apache-2.0

import CLibxgboost

/// Owner of one trained XGBoost model. Its calls block and must come one at a time.
struct Booster: ~Copyable {
    /// Predictions of one batch, row-major.
    struct Prediction: Sendable, Equatable {
        /// `[batch]`, or `[batch, classes]` when the model answers more than one number a row.
        let shape: [Int]
        let values: [Float]
    }

    private let handle: BoosterHandle
    /// Columns that the model was trained on.
    let featureCount: Int
    /// Their names, when the model file carries them.
    let featureNames: [String]

    /// Loads a model from the bytes of a file in XGBoost's JSON or UBJSON format.
    static func load(_ model: [UInt8]) throws(XGBoostError) -> Booster {
        // Everything else goes to the reader of the old binary format, which trusts the lengths in the file.
        guard model.first == UInt8(ascii: "{") else {
            throw XGBoostError(action: "loading the model", reason: "the file is neither XGBoost JSON nor UBJSON")
        }
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
            return Booster(handle: handle, featureCount: Int(count), featureNames: try names(of: handle))
        } catch {
            XGBoosterFree(handle)
            throw error
        }
    }

    private init(handle: BoosterHandle, featureCount: Int, featureNames: [String]) {
        self.handle = handle
        self.featureCount = featureCount
        self.featureNames = featureNames
    }

    deinit {
        XGBoosterFree(handle)
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
    borrowing func predict(_ values: [Float], batch: Int) throws(XGBoostError) -> Prediction {
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
        try XGBoostError.check("predicting") {
            XGBoosterPredictFromDMatrix(handle, matrix, Self.normalPrediction, &shape, &dimensions, &result)
        }
        guard let shape, let result else {
            throw XGBoostError(action: "predicting", reason: "the library gave no result")
        }
        // Both point into memory that the library reuses in its next call.
        let copied = UnsafeBufferPointer(start: shape, count: Int(dimensions)).map { Int($0) }
        let count = copied.reduce(1, *)
        return Prediction(shape: copied, values: Array(UnsafeBufferPointer(start: result, count: count)))
    }

    private static let normalPrediction =
        #"{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false}"#
}
