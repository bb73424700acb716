// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Watching

@Suite("Watch")
struct WatchTests {
    private func report(
        _ predictions: [Prediction], bounds: ReleaseDeclaration.Watch = Samples.bounds
    ) throws -> WatchReport {
        var watch = Watch(try Samples.plan(bounds))
        for prediction in predictions { watch.add(prediction) }
        return watch.report(at: watch.plan.until)
    }

    @Test("a release that does as it did when it was made is steady", arguments: UInt64(1)...30)
    func steady(seed: UInt64) throws {
        let report = try report(Samples.predictions(300, seed: seed))
        #expect(report.verdict == .steady, "\(report.findings)")
        #expect(report.total.predictions == 300 && report.total.requestsPerSecond == 30)
        #expect(abs(report.total.latencyMilliseconds.p99 - 5) <= 0.05)
        #expect(report.windows.count == 10 && report.windows.allSatisfy { $0.predictions == 30 })
        #expect(report.drift.map(\.name) == ["width", "kind", "fill", "prediction"])
        #expect(report.findings.count == 1)
        #expect(Judgement.passes(report, bounds: Samples.bounds))
    }

    @Test("a shifted feature and the prediction that follows it are named", arguments: UInt64(1)...30)
    func drifted(seed: UInt64) throws {
        let report = try report(Samples.predictions(300, seed: seed, shift: 1.5))
        #expect(report.verdict == .drifted)
        #expect(report.drift.filter(\.drifted).map(\.name) == ["width", "prediction"])
        #expect(report.findings.contains { $0.hasPrefix("width drifted: ") })
        #expect(!Judgement.passes(report, bounds: Samples.bounds))
    }

    @Test("failed requests fail the release, those that callers got wrong do not")
    func failing() throws {
        var generator = SeededGenerator(seed: 3)
        let good = try Samples.predictions(97)
        func three(_ status: Int) throws -> [Prediction] {
            try (0..<3).map { _ in try Samples.prediction(&generator, atMilliseconds: 1, status: status) }
        }
        for status in [500, 503, 429] {
            let report = try report(good + three(status))
            #expect(report.verdict == .failing)
            #expect(report.total.errorRate == 0.03)
            #expect(report.findings == ["3 % of the requests failed (3 of 100), and at most 2 % may."])
        }
        let refused = try report(good + three(400))
        #expect(refused.verdict == .steady && refused.total.errorRate == 0)
        #expect(refused.findings.last?.hasPrefix("3 of 100 requests were refused") == true)
    }

    private func refused(_ count: Int, of requests: Int, before: (refused: Int, requests: Int)) throws -> [Prediction] {
        var generator = SeededGenerator(seed: 3)
        let now = try (0..<requests).map {
            try Samples.prediction(&generator, atMilliseconds: Int64($0), status: $0 < count ? 400 : 200)
        }
        let then = try (0..<before.requests).map { index in
            var prediction = try Samples.prediction(
                &generator, atMilliseconds: -1 - Int64(index), status: index < before.refused ? 400 : 200)
            prediction.baton = BatonID(source: "tests", id: "before")
            return prediction
        }
        return then + now
    }

    @Test("a watch in which every request is refused does not pass, whatever it was before")
    func allRefused() throws {
        for before in [(0, 0), (0, 200), (200, 200)] {
            var lenient = Samples.bounds
            for maximum in [nil, 1.0] {
                lenient.maximumRefusalRate = maximum
                let report = try report(refused(200, of: 200, before: before), bounds: lenient)
                #expect(report.verdict != .steady && !Judgement.passes(report, bounds: lenient))
                #expect(report.total.refusals == 200)
            }
        }
    }

    @Test(
        "refusals that rise fail the release, with what they were before and what to look at",
        arguments: [
            (3, (0, 200), nil, true), (11, (0, 200), nil, false), (20, (40, 200), nil, true),
            (60, (40, 200), nil, false), (49, (0, 0), nil, true), (51, (0, 0), nil, false),
            (3, (0, 200), 0.02, false), (60, (40, 200), 0.7, true), (9, (0, 19), nil, true),
        ] as [(Int, (Int, Int), Double?, Bool)])
    func refusals(count: Int, before: (Int, Int), maximum: Double?, passes: Bool) throws {
        var bounds = Samples.bounds
        (bounds.maximumRefusalRate, bounds.minimumPredictions, bounds.maximumDrift) = (maximum, 10, 100)
        let report = try report(refused(count, of: 100, before: before), bounds: bounds)
        #expect(Judgement.passes(report, bounds: bounds) == passes, "\(report.findings)")
        #expect(report.verdict == (passes ? .steady : .failing))
        #expect(
            report.before == .init(from: report.before?.from ?? Samples.start, requests: before.1, refusals: before.0))
        #expect(passes || report.findings.first?.contains("\(count) of 100") == true)
        #expect(passes || report.findings.first?.contains("input.features") == true)
    }

    @Test("of many columns that drifted the worst three are named, and how many more there are")
    func manyDrifted() {
        let drift = (1...31).map {
            WatchReport.Drift(name: "c\($0)", index: Double($0), noise: 0.1, drifted: true)
        }
        let before = WatchReport.Before(from: Samples.start, requests: 0, refusals: 0)
        let findings = Judgement(Traffic(), drift, before: before, bounds: Samples.bounds).findings.dropFirst()
        #expect(findings.map { $0.prefix(4) } == ["c31 ", "c30 ", "c29 ", "And "])
        #expect(findings.last == "And 28 more drifted; the report has them all.")
    }

    @Test("rows that were too large to be recorded are told of")
    func abridged() throws {
        var predictions = try Samples.predictions(100)
        for index in 0..<2 {
            (predictions[index].rows, predictions[index].outputs, predictions[index].isAbridged) = ([], [], true)
        }
        let report = try report(predictions)
        #expect(report.total.predictions == 100)
        #expect(report.findings.last == "2 requests were too large for their rows to be recorded and compared.")
    }

    @Test("slow answers fail the release, and failing comes before drifted")
    func slow() throws {
        var predictions = try Samples.predictions(300, shift: 3)
        for index in 0..<10 { predictions[index * 7].latencyMilliseconds = 250 }
        let report = try report(predictions)
        #expect(report.verdict == .failing)
        #expect(report.findings.contains { $0.contains("99th percentile of latency is 25") })
        #expect(report.findings.contains { $0.hasPrefix("width drifted: ") })
    }

    @Test("too few predictions are too few to know")
    func unknown() throws {
        let few = try report(Samples.predictions(49))
        #expect(few.verdict == .unknown)
        #expect(
            few.findings.first
                == "Only 49 predictions were seen in 10 s, and at least 50 are needed to know how the release does.")
        var none = Samples.bounds
        none.minimumPredictions = 0
        let silent = try report([], bounds: none)
        #expect(silent.verdict == .unknown && silent.drift.isEmpty)
        #expect(Judgement.passes(silent, bounds: none) && !Judgement.passes(few, bounds: Samples.bounds))
    }

    @Test("only this release's predictions of this period count")
    func others() throws {
        var generator = SeededGenerator(seed: 5)
        var other = try Samples.prediction(&generator, atMilliseconds: 5)
        other.model = "wine"
        var older = try Samples.prediction(&generator, atMilliseconds: 5)
        older.baton = BatonID(source: "tests", id: "2")
        let outside = [
            try Samples.prediction(&generator, atMilliseconds: -1),
            try Samples.prediction(&generator, atMilliseconds: 10_000),
        ]
        #expect(try report([other, older] + outside).total.predictions == 0)
    }

    @Test("rows that do not fit are told of and not compared")
    func misfits() throws {
        var predictions = try Samples.predictions(100)
        predictions[0].rows[0].removeLast()
        predictions[1].outputs = []
        let report = try report(predictions)
        #expect(report.findings.last?.hasPrefix("2 rows do not have the 3 declared features") == true)
    }

    @Test("records that could not be read are told of")
    func unreadable() throws {
        var watch = Watch(try Samples.plan())
        watch.addUnreadable("rows is missing")
        watch.addUnreadable("it is not JSON")
        #expect(
            watch.report(at: watch.plan.until).findings.last
                == "2 records of predictions could not be read; the first: rows is missing.")
    }

    @Test(
        "a watch that was interrupted and read again, in parts and in any order, reports the same",
        arguments: UInt64(1)...20)
    func restart(seed: UInt64) throws {
        let predictions = try Samples.predictions(200, seed: seed)
        let whole = try report(predictions)
        var generator = SeededGenerator(seed: seed)
        #expect(try report(predictions.shuffled(using: &generator)) == whole)
        var parts = [Watch](repeating: Watch(try Samples.plan()), count: 3)
        for prediction in predictions { parts[Int.random(in: 0..<3, using: &generator)].add(prediction) }
        for order in [[0, 1, 2], [2, 0, 1]] {
            var merged = parts[order[0]]
            merged.merge(parts[order[1]])
            merged.merge(parts[order[2]])
            #expect(merged.report(at: merged.plan.until) == whole)
        }
    }

    @Test("a report under way ends at its moment, and a long one has no more slices than fit")
    func slices() throws {
        var watch = Watch(try Samples.plan())
        for prediction in try Samples.predictions(100) { watch.add(prediction) }
        let early = watch.report(at: Samples.start + .milliseconds(2500))
        #expect(early.windows.map { ($0.to - $0.from).milliseconds } == [1000, 1000, 500])
        #expect(watch.report(at: Samples.start + .seconds(-5)).windows.isEmpty)
        let day = TrafficWindows(from: Samples.start, to: Samples.start + .seconds(86_400))
        #expect(day.report(until: day.end).count == TrafficWindows.mostSlices)
        #expect(day.sliceMilliseconds == 720_000)
    }
}

@Suite("Numbers in sentences")
struct PlainNumberTests {
    @Test(
        "three significant digits",
        arguments: [
            (0, "0"), (1, "1"), (0.25, "0.25"), (0.123456, "0.123"), (12.345, "12.3"), (1234.5, "1235"),
            (-0.5, "-0.5"), (0.0999999, "0.1"), (0.05, "0.05"), (99.96, "100"), (.infinity, "inf"),
        ] as [(Double, String)])
    func plain(value: Double, text: String) {
        #expect(Judgement.plain(value) == text)
    }
}
