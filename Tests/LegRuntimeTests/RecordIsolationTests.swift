// SPDX-License-Identifier: Apache-2.0

import Kafka
import TestSupport
import Testing

@testable import LegRuntime

@Suite("Isolating records that cannot be processed")
struct RecordIsolationTests {
    private func records(_ count: Int) -> [ConsumerRecord] {
        (0..<count).map {
            ConsumerRecord(
                topic: "t", partition: 0, offset: Int64($0), key: nil, value: nil, timestampMilliseconds: 0)
        }
    }

    /// Processes a batch of which some records fail.
    /// - Returns: What was done, in order; set aside with how many attempts; how many portions were tried.
    private func run(
        _ count: Int, bad: Set<Int64>, attempts: Int = 3, isDeterministic: Bool = false
    ) -> (done: [Int64], aside: [Int64: Int], tries: Int) {
        var isolation = RecordIsolation(records(count), attempts: attempts)
        var (done, aside, tries): ([Int64], [Int64: Int], Int) = ([], [:], 0)
        while let portion = isolation.next {
            tries += 1
            guard portion.contains(where: { bad.contains($0.offset) }) else {
                done += portion.map(\.offset)
                isolation.done()
                continue
            }
            switch isolation.failed(isDeterministic: isDeterministic) {
            case .halved, .again: continue
            case .poison(let attempts):
                aside[portion[portion.startIndex].offset] = attempts
                done.append(portion[portion.startIndex].offset)
                isolation.done()
            }
        }
        return (done, aside, tries)
    }

    @Test("A good batch is one portion")
    func good() {
        let result = run(1000, bad: [])
        #expect(result.tries == 1)
        #expect(result.done == (0..<1000).map(Int64.init))
    }

    @Test("Whatever is bad, all is taken once and in order, and the bad ones alone are set aside", arguments: 0..<50)
    func order(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...60, using: &generator)
        let bad = Set((0..<Int64(count)).filter { _ in Int.random(in: 0..<5, using: &generator) == 0 })
        let result = run(count, bad: bad)
        #expect(result.done == (0..<Int64(count)).map { $0 })
        #expect(Set(result.aside.keys) == bad)
        #expect(result.aside.values.allSatisfy { $0 == 3 })
    }

    @Test("What can never be processed is not tried again")
    func deterministic() {
        #expect(run(1, bad: [0], isDeterministic: true).aside == [0: 1])
        #expect(run(1, bad: [0], attempts: 5).aside == [0: 5])
    }

    @Test("One bad record among many costs few portions")
    func cost() {
        #expect(run(1024, bad: [700]).tries < 30)
    }
}
