// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import RoutingRules

@Suite("How far a router is with its answers")
struct AnswerNumbersTests {
    let router = RouterID(instance: "deploy-0", startedAt: Timestamp(milliseconds: 500))

    @Test("a time that has been told to be over does not come again")
    func monotone() async throws {
        var numbers = AnswerNumbers(router)
        let release = release("one", try Workshop().manifest())
        _ = numbers.number(release, at: Timestamp(milliseconds: 900))
        #expect(numbers.cut(at: Timestamp(milliseconds: 1000)).map(\.through.milliseconds) == [1000])
        #expect(numbers.number(release, at: Timestamp(milliseconds: 950)).at.milliseconds == 1000)
        #expect(numbers.cut(at: Timestamp(milliseconds: 800)).map(\.through.milliseconds) == [1000])
    }

    @Test("a release that nobody watches any more and nobody asks is told of once more, and then no longer")
    func resting() async throws {
        var numbers = AnswerNumbers(router)
        let release = release("one", try Workshop().manifest())
        let period = Duration.seconds(release.manifest.declaration.watch.periodSeconds)
        let start = Timestamp(milliseconds: 1000)
        let over = start + period + AnswerNumbers.slack
        numbers.serves(release, since: start)
        #expect(numbers.cut(at: over + .seconds(-1)).map(\.isLast) == [false])
        #expect(numbers.cut(at: over).map(\.isLast) == [true])
        #expect(numbers.cut(at: over + .seconds(1)).isEmpty)
        _ = numbers.number(release, at: over + .seconds(2))
        #expect(numbers.cut(at: over + .seconds(2)).map(\.isLast) == [false])
        #expect(numbers.cut(at: over + .seconds(3)).map(\.isLast) == [true])
    }
}
