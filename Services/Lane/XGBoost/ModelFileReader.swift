// SPDX-License-Identifier: Apache-2.0

/// Where a model file is not what its format demands.
struct ModelFileFault: Error, Equatable {
    let offset: Int
    let reason: String
}

/// A cursor over the values of a model file, in either of XGBoost's formats.
protocol ModelFileReader {
    /// Hands each member of the next value to `body`, which must consume it; a value that is no object is skipped.
    mutating func members(_ body: (inout Self, String) throws(ModelFileFault) -> Void) throws(ModelFileFault)
    /// Whole numbers of the next value; nil, and skipped, when it is something else.
    mutating func integers() throws(ModelFileFault) -> [Int]?
    /// The next value's text; nil, and skipped, when it is something else.
    mutating func text() throws(ModelFileFault) -> String?
    mutating func skip() throws(ModelFileFault)
}
