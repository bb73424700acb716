// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Testing

@testable import JudgeRules

extension JudgeForgery {
    static let superseded: [JudgeForgery] = [
        .init(SupersededRule.self, "superseded-result") { cast in
            let build = cast.late.results.build
            return try cast.changeState(cast.finished) { $0.results.build = build }
        },
        .init(SupersededRule.self, "superseded-result") { cast in
            let build = try #require(cast.late.results.build)
            return cast.history.world.change(try cast.release(cast.finished, .live)) { $0.manifest = build }
        },
        .init(SupersededRule.self, "result-from-nowhere") { cast in
            try cast.changeState(cast.finished) { $0.results.build?.metrics = [:] }
        },
        .init(SupersededRule.self, "superseded-usage") { cast in
            let usage = cast.late.usage.map(\.id)
            return cast.history.world.change(try cast.assignment(cast.finished, .closing)) { $0.usage += usage }
        },
        .init(SupersededRule.self, "usage-from-nowhere") { cast in
            try cast.changeState(cast.finished) { $0.usage.append("nobody's") }
        },
    ]

    static let states: [JudgeForgery] = [
        .init(StatesRule.self, "wrong-name") { cast in try cast.changeState(cast.running) { $0.requestID = "other" } },
        .init(StatesRule.self, "wrong-key") { cast in
            cast.history.world.change(try cast.lastState(cast.running).index) { $0.key = [1] }
        },
        .init(StatesRule.self, "accepted-twice") { cast in
            try cast.changeState(cast.running) { $0.accepted += $0.accepted }
        },
        .init(StatesRule.self, "lost") { cast in try cast.changeState(cast.running) { $0.current = nil } },
        .init(StatesRule.self, "out-of-order") { cast in
            try cast.changeState(cast.running) { $0.current?.duty = .approval }
        },
        .init(StatesRule.self, "finished-early") { cast in
            try cast.nextState(cast.running) { ($0.current, $0.ending) = (nil, Ending(.finished)) }
        },
        .init(StatesRule.self, "live-unapproved") { cast in try cast.nextState(cast.running) { $0.isLive = true } },
        .init(StatesRule.self, "two-writers") { cast in
            let other = (cast.chain(cast.running) + 1) % JudgeWorld.partitions
            return try cast.nextState(cast.running, partition: other) { _ in }
        },
        .init(StatesRule.self, "version-back") { cast in cast.repeated(try cast.lastState(cast.running).index) },
        .init(StatesRule.self, "request-changed") { cast in
            try cast.nextState(cast.running) { $0.request.requester = "eve" }
        },
        .init(StatesRule.self, "changed-after-end") { cast in try cast.nextState(cast.finished) { _ in } },
        .init(StatesRule.self, "end-changed") { cast in
            try cast.nextState(cast.refused) { $0.ending = Ending(.finished) }
        },
        .init(StatesRule.self, "acceptance-changed") { cast in try cast.nextState(cast.running) { $0.accepted = [] } },
        .init(StatesRule.self, "attempt-back") { cast in
            try cast.nextState(cast.running) { $0.current?.duty = .admission }
        },
        .init(StatesRule.self, "acceptance-undecided") { cast in
            cast.history.world.remove(try cast.decision(.handoffAccepted, cast.finished, .watch).index)
            return cast.history.world.place(cast.history.world.records[try cast.lastState(cast.finished).index])
        },
        .init(StatesRule.self, "acceptance-unkept") { cast in
            cast.decide(.handoffAccepted, cast.running, .build, 1, .primary)
        },
    ]

    private static func bounded(_ bound: Duration) -> RuleSet.Strictness {
        var measure = RuleSet.Strictness()
        measure.bound = bound
        return measure
    }

    static let endings: [JudgeForgery] = [
        .init(EndingsRule.self, "late-end") { cast in
            try cast.changeState(cast.finished) { $0.changedAt = $0.requestedAt + .seconds(20 * 86_400) }
        },
        .init(EndingsRule.self, "late-end", measure: bounded(.milliseconds(1))) { cast in
            cast.history.world.place(cast.history.world.records[try cast.lastState(cast.refused).index])
        },
        .init(EndingsRule.self, "no-end", measure: bounded(.seconds(300))) { cast in
            let running = cast.running
            let first = try cast.history.world.first(BatonState.self, cast.topics.batons) { $0.id == running }
            return cast.history.world.place(cast.history.world.records[first.index])
        },
    ]

    static let releases: [JudgeForgery] = [
        .init(ReleasesRule.self, "two-orders") { cast in
            cast.repeated(try cast.release(cast.finished, .live).index, partition: 1)
        },
        .init(ReleasesRule.self, "wrong-key") { cast in
            cast.history.world.change(try cast.release(cast.finished, .live).index) { $0.key = [1] }
        },
        .init(ReleasesRule.self, "two-models") { cast in
            var release = try cast.release(cast.finished, .live).payload
            release.model = "other"
            return cast.history.world.write(release, cast.topics.releases, key: release.key, partition: 0)
        },
        .init(ReleasesRule.self, "live-twice") { cast in
            cast.repeated(try cast.release(cast.finished, .live).index)
        },
        .init(ReleasesRule.self, "live-again") { cast in
            cast.repeated(try cast.release(cast.cancelled, .live).index)
        },
        .init(ReleasesRule.self, "withdrawn-twice") { cast in
            cast.repeated(try cast.release(cast.cancelled, .withdrawn).index)
        },
        .init(ReleasesRule.self, "live-undecided") { cast in
            cast.history.world.remove(try cast.decision(.releaseLive, cast.finished).index)
            return cast.history.world.place(cast.history.world.records[try cast.release(cast.finished, .live).index])
        },
        .init(ReleasesRule.self, "live-missing") { cast in
            cast.history.world.remove(try cast.release(cast.finished, .live).index)
            return cast.history.world.place(
                cast.history.world.records[try cast.decision(.releaseLive, cast.finished).index])
        },
        .init(ReleasesRule.self, "withdrawal-undecided") { cast in
            cast.history.world.remove(try cast.decision(.releaseWithdrawn, cast.cancelled).index)
            return cast.history.world.place(
                cast.history.world.records[try cast.release(cast.cancelled, .withdrawn).index])
        },
        .init(ReleasesRule.self, "withdrawal-missing") { cast in
            cast.history.world.remove(try cast.release(cast.cancelled, .withdrawn).index)
            return cast.history.world.place(
                cast.history.world.records[try cast.decision(.releaseWithdrawn, cast.cancelled).index])
        },
        .init(ReleasesRule.self, "state-disagrees") { cast in
            try cast.changeState(cast.finished) { $0.isLive = false }
        },
        .init(ReleasesRule.self, "left-live") { cast in try cast.changeState(cast.cancelled) { $0.isLive = true } },
        .init(ReleasesRule.self, "superseded-by-none") { cast in
            let running = cast.running
            return try cast.changeState(cast.refused) { $0.ending = Ending(supersededBy: running) }
        },
        .init(ReleasesRule.self, "superseded-by-older") { cast in
            let finished = cast.finished
            return try cast.changeState(cast.cancelled) { $0.ending = Ending(supersededBy: finished) }
        },
        .init(ReleasesRule.self, "superseded-elsewhere") { cast in
            let cancelled = cast.cancelled
            _ = cast.history.world.change(try cast.release(cancelled, .live)) { $0.model = "other" }
            return try cast.changeState(cast.finished) { $0.ending = Ending(supersededBy: cancelled) }
        },
        .init(ReleasesRule.self, "served-unreleased") { cast in
            cast.history.predict(cast.running)
        },
    ]
}
