// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Lane

@Suite("Booster")
struct BoosterTests {
    @Test(
        "predicts what Python's xgboost predicts, missing values included",
        arguments: ["binary", "classes", "regression"], ["json", "ubj"])
    func golden(name: String, format: String) throws {
        let expected = try Fixture.expected(name)
        let booster = try Booster.load(Fixture.model("\(name).\(format)"))
        let prediction = try booster.predict(expected.values.map { Float($0) }, batch: expected.inputs.count)
        let flat = expected.predictions.flatMap { $0 }
        #expect(prediction.values.count == flat.count)
        #expect(zip(prediction.values, flat).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
    }

    @Test("answers one number a row, or one a class")
    func shapes() throws {
        let binary = try Booster.load(Fixture.model("binary.json"))
        #expect(binary.featureCount == 30)
        #expect(try binary.predict(Array(repeating: 0, count: 60), batch: 2).shape == [2])
        let classes = try Booster.load(Fixture.model("classes.ubj"))
        #expect(try classes.predict(Array(repeating: 0, count: 8), batch: 2).shape == [2, 3])
    }

    @Test(
        "refuses a file that is no model, with a reason of one line",
        arguments: ["", "hello", "{", "{}", "[]", #"{"learner":5}"#, #"{"learner":{},"version":[1,7,4]}"#, "{L\u{1}"])
    func notAModel(content: String) {
        let failure = #expect(throws: XGBoostError.self) { _ = try Booster.load(Array(content.utf8)) }
        #expect(failure?.description.contains("\n") == false)
        #expect(failure?.reason.isEmpty == false)
    }

    @Test("refuses a model that was cut off")
    func truncated() throws {
        for file in ["binary.json", "binary.ubj"] {
            let model = try Fixture.model(file)
            #expect(throws: XGBoostError.self) { _ = try Booster.load(Array(model.prefix(model.count / 2))) }
        }
    }

    @Test("keeps the statement of a library's message and drops time, place and trace")
    func message() {
        let text = "[15:01:02] ../src/x.cc:40: Check failed: a == b (1 vs. 2) : text\nStack trace:\n  [bt] (0)"
        #expect(XGBoostError.firstStatement(of: text) == "Check failed: a == b (1 vs. 2) : text")
        #expect(XGBoostError.firstStatement(of: "") == "unknown reason")
    }
}
