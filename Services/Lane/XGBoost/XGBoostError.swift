// SPDX-License-Identifier: Apache-2.0

import CLibxgboost

/// A model that cannot be served: a call of libxgboost that failed, or a file that must not reach it.
package struct XGBoostError: Error, Equatable, CustomStringConvertible {
    /// What was tried, in words.
    let action: String
    /// The reason; the library's own comes without its stack trace.
    let reason: String

    /// What was tried and the reason.
    package var description: String { "\(action): \(reason)" }

    /// Calls the C API and turns a non-zero answer into an error. The library keeps the reason for the calling thread,
    /// so it is fetched here, before anything else can run on it.
    static func check(_ action: String, _ call: () -> Int32) throws(XGBoostError) {
        guard call() != 0 else { return }
        let message = XGBGetLastError().map { String(cString: $0) } ?? ""
        throw XGBoostError(action: action, reason: firstStatement(of: message))
    }

    /// The message without time, place and trace: of `[15:01:02] ../src/x.cc:40: Check failed: a == b : text` and the
    /// lines behind it, `Check failed: a == b : text` is left.
    static func firstStatement(of message: String) -> String {
        let line = message.prefix { $0 != "\n" }
        let statement = line.firstRange(of: ": ").map { line[$0.upperBound...] } ?? line
        return statement.isEmpty ? "unknown reason" : String(statement)
    }
}
