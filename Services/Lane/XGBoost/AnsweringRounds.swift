// SPDX-License-Identifier: Apache-2.0

import CLibxgboost

/// Which rounds of a trained model answer: all of them, or those up to the best one where training was stopped early.
///
/// A round may hold several trees: one for each class, or a whole forest.
struct AnsweringRounds: Sendable, Equatable {
    /// The attribute that XGBoost's early stopping leaves in the file; it counts rounds from 0.
    private static let attribute = "best_iteration"

    /// All rounds that were trained.
    let trained: Int
    /// The first round that does not answer; 0 when all do.
    let end: Int

    static func of(_ handle: BoosterHandle, booster: String?) throws(XGBoostError) -> AnsweringRounds {
        var trained: Int32 = 0
        try XGBoostError.check("counting the rounds") { XGBoosterBoostedRounds(handle, &trained) }
        var text: UnsafePointer<CChar>?
        var isThere: Int32 = 0
        try XGBoostError.check("asking for the best round") {
            XGBoosterGetAttr(handle, attribute, &text, &isThere)
        }
        // A linear model has one set of weights, whatever the rounds: it cannot answer with fewer.
        guard isThere != 0, let text, booster != "gblinear" else {
            return AnsweringRounds(trained: Int(trained), end: 0)
        }
        let best = String(cString: text)
        guard let number = Int(best), (0..<Int(trained)).contains(number) else {
            throw XGBoostError(
                action: "loading the model",
                reason: "\(attribute) is \"\(best.prefix(32))\", which is none of its \(trained) rounds")
        }
        return AnsweringRounds(trained: Int(trained), end: number + 1)
    }

    /// Said where some rounds do not answer.
    var remark: String? {
        guard end > 0, end < trained else { return nil }
        return "training was stopped early: the first \(end) of \(trained) rounds answer, as \(Self.attribute) says"
    }
}
