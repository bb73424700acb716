// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import XGBoost

@Suite("Booster")
struct BoosterTests {
    @Test(
        "predicts what Python's xgboost predicts, missing values included",
        arguments: ["binary", "classes", "regression", "named", "linear", "xgb30"], ["json", "ubj"])
    func golden(name: String, format: String) throws {
        let expected = try Fixture.expected(name)
        let booster = try Booster.load(Fixture.model("\(name).\(format)"))
        let prediction = try booster.predict(expected.values.map { Float($0) }, batch: expected.inputs.count)
        let flat = expected.predictions.flatMap { $0 }
        #expect(prediction.values.count == flat.count)
        #expect(zip(prediction.values, flat).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
    }

    @Test(
        "a model whose training was stopped early answers with the rounds up to its best one, and says so",
        arguments: [("stopped", 8, 11), ("stopped-classes", 6, 9)], ["json", "ubj"])
    func stoppedEarly(model: (name: String, answering: Int, trained: Int), format: String) throws {
        let expected = try Fixture.expected(model.name)
        let booster = try Booster.load(Fixture.model("\(model.name).\(format)"))
        let prediction = try booster.predict(expected.values.map { Float($0) }, batch: expected.inputs.count)
        let flat = expected.predictions.flatMap { $0 }
        #expect(prediction.values.count == flat.count)
        #expect(zip(prediction.values, flat).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
        #expect(booster.rounds == AnsweringRounds(trained: model.trained, end: model.answering))
        let remark = booster.remark
        #expect(remark?.contains("the first \(model.answering) of \(model.trained) rounds answer") == true)
    }

    @Test("refuses a best round that the model does not have", arguments: ["11", "-1", "seven", ""])
    func wrongBestRound(text: String) throws {
        let model = String(decoding: try Fixture.model("stopped.json"), as: UTF8.self)
            .replacing(#""best_iteration":"7""#, with: #""best_iteration":"\#(text)""#)
        let failure = #expect(throws: XGBoostError.self) { _ = try Booster.load(Array(model.utf8)) }
        #expect(failure?.reason == "best_iteration is \"\(text)\", which is none of its 11 rounds")
    }

    @Test(
        "refuses a file of a newer XGBoost, whose base score this library would take for 0.5, and names both versions",
        arguments: ["xgb32_reg.json", "xgb32_binary.ubj", "xgb32_softprob3.json"])
    func newerFile(file: String) throws {
        let failure = try #require(
            #expect(throws: XGBoostError.self) { _ = try Booster.load(Fixture.model(file)) })
        #expect(failure.reason.hasPrefix("the file was written by XGBoost 3.2.0, and the library here is "))
        #expect(failure.reason.contains("\(LibraryVersion.here)"))
        #expect(failure.reason.hasSuffix("or give the lanes a libxgboost of 3.2 or newer"))
    }

    @Test("refuses a newer file that says it is an old one")
    func falseVersion() throws {
        let model = String(decoding: try Fixture.model("xgb32_reg.json"), as: UTF8.self)
            .replacing(#""version":[3,2,0]"#, with: #""version":[1,7,4]"#)
        let failure = #expect(throws: XGBoostError.self) { _ = try Booster.load(Array(model.utf8)) }
        #expect(failure?.reason.hasPrefix("base_score is not a number") == true)
    }

    @Test("refuses features in another order or under other names, with both lists; a file without names has a number")
    func features() throws {
        let named = try Booster.load(Fixture.model("named.ubj"))
        try named.check(features: ["f1", "f0", "f2"])
        let order = #expect(throws: XGBoostError.self) { try named.check(features: ["f0", "f1", "f2"]) }
        #expect(
            order?.reason
                == "the model file's are in another order than relay.yaml declares: it has 3 (f1, f0, f2), and "
                + "input.features are 3 (f0, f1, f2)")
        let other = #expect(throws: XGBoostError.self) { try named.check(features: ["f1", "f0", "f3"]) }
        #expect(other?.reason.contains("named otherwise than") == true)
        let bare = try Booster.load(Fixture.model("regression.json"))
        try bare.check(features: ["a", "b", "c"])
        let count = #expect(throws: XGBoostError.self) { try bare.check(features: ["a"]) }
        #expect(count?.reason == "the model takes 3 features, and relay.yaml declares 1")
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
