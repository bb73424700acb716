// SPDX-License-Identifier: Apache-2.0

import Baton
import TestSupport
import Testing

@testable import Watching

@Suite("Watch signals")
struct WatchSignalsTests {
    @Test("a value that trembles around its bound is told of once")
    func hysteresis() {
        var level = Hysteresis()
        let told = [0.5, 1.01, 0.99, 1.2, 0.85, 0.79, 0.99, 1.5, 2.5, 1.7, 1.5, 0.1].map { level.update($0) }
        #expect(told == [nil, .warning, nil, nil, nil, .info, nil, .warning, .critical, nil, .warning, .info])
    }

    @Test("errors and latency are raised while they last, and cleared after")
    func raised() throws {
        var generator = SeededGenerator(seed: 9)
        var watch = Watch(try Samples.plan())
        var signals = WatchSignals()
        var told: [String] = []
        for second in Int64(0)..<10 {
            for index in Int64(0)..<30 {
                let fails = second == 2 && index < 5
                watch.add(
                    try Samples.prediction(
                        &generator, atMilliseconds: second * 1000 + index, status: fails ? 503 : 200,
                        latency: second == 3 ? 300 : 5))
            }
            let now = Samples.start + .milliseconds(second * 1000 + 999)
            told += signals.update(watch, drift: watch.drift(), at: now).map { "\(second) \($0.name) \($0.level)" }
        }
        #expect(told == ["2 errors critical", "3 latency critical", "7 errors info", "8 latency info"])
    }

    @Test("drift is raised once, with the worst column")
    func drift() throws {
        var watch = Watch(try Samples.plan())
        var signals = WatchSignals()
        let told = try Samples.predictions(300, shift: 1.5).flatMap { prediction in
            watch.add(prediction)
            return signals.update(watch, drift: watch.drift(), at: prediction.at)
        }
        #expect(told.allSatisfy { $0.name == "drift" && $0.level != .info })
        #expect((1...2).contains(told.count))
        #expect(told.last?.level == .critical && told.last?.model == "iris")
    }

    @Test("a few requests raise nothing")
    func few() throws {
        var generator = SeededGenerator(seed: 9)
        var watch = Watch(try Samples.plan())
        for _ in 0..<19 { watch.add(try Samples.prediction(&generator, atMilliseconds: 1, status: 500)) }
        var signals = WatchSignals()
        #expect(signals.update(watch, drift: watch.drift(), at: Samples.start + .seconds(1)).isEmpty)
    }
}
