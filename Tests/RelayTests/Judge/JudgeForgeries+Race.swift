// SPDX-License-Identifier: Apache-2.0

import Baton

@testable import JudgeRules
@testable import RelayClients

extension JudgeForgery {
    static let requests: [JudgeForgery] = [
        .init(RequestsRule.self, "accepted-twice") { cast in
            cast.repeated(try cast.decision(.requested, cast.finished).index)
        },
        .init(RequestsRule.self, "request-lost") { cast in cast.send("lost") },
        .init(RequestsRule.self, "request-from-nowhere") { cast in cast.pass("finished") },
        .init(RequestsRule.self, "request-unanswered") { cast in
            _ = cast.send("silent")
            return cast.pass("silent")
        },
        .init(RequestsRule.self, "state-unasked") { cast in
            var state = try cast.lastState(cast.finished).payload
            (state.id, state.requestID) = (Cast.stranger, "stranger")
            return cast.history.world.write(state, cast.topics.batons, key: "\(state.id)")
        },
        .init(RequestsRule.self, "accepted-unasked") { cast in cast.decide(.requested, Cast.stranger) },
        .init(RequestsRule.self, "accepted-stateless") { cast in cast.decide(.requested, Cast.stranger) },
        .init(RequestsRule.self, "duplicate-unanswered") { cast in
            _ = cast.send("refused")
            return cast.pass("refused")
        },
        .init(RequestsRule.self, "duplicate-from-nowhere") { cast in cast.decide(.duplicateIgnored, cast.refused) },
    ]

    static let handoffs: [JudgeForgery] = [
        .init(HandoffsRule.self, "accepted-nameless") { cast in cast.decide(.handoffAccepted, cast.running) },
        .init(HandoffsRule.self, "accepted-twice") { cast in
            cast.repeated(try cast.decision(.handoffAccepted, cast.finished, .watch).index)
        },
        .init(HandoffsRule.self, "accepted-unassigned") { cast in
            cast.decide(.handoffAccepted, cast.running, .build, 9, .primary, actor: "pipeline-primary")
        },
        .init(HandoffsRule.self, "accepted-unmade") { cast in
            cast.history.world.change(try cast.decision(.handoffAccepted, cast.finished, .watch)) {
                $0.actor = "nobody"
            }
        },
        .init(HandoffsRule.self, "handoff-unjudged") { cast in
            cast.repeated(try cast.handoff(cast.finished, .watch).index)
        },
        .init(HandoffsRule.self, "judged-from-nowhere") { cast in
            cast.repeated(try cast.decision(.handoffSuperseded, cast.finished).index)
        },
    ]

    static let orders: [JudgeForgery] = [
        .init(CourseRule.self, "started-again") { cast in
            cast.repeated(try cast.decision(.requested, cast.finished).index)
        },
        .init(CourseRule.self, "assigned-nameless") { cast in cast.decide(.assigned, cast.running) },
        .init(CourseRule.self, "assigned-after-end") { cast in
            cast.decide(.assigned, cast.finished, .closing, 2, .primary)
        },
        .init(CourseRule.self, "assigned-unrequested") { cast in
            cast.decide(.assigned, Cast.stranger, .admission, 1, .primary)
        },
        .init(CourseRule.self, "assigned-early") { cast in
            cast.decide(.assigned, cast.running, .verification, 1, .primary)
        },
        .init(CourseRule.self, "duty-out-of-order") { cast in
            _ = cast.decide(.handoffAccepted, cast.running, .build, 1, .primary)
            return cast.decide(.assigned, cast.running, .approval, 1, .primary)
        },
        .init(CourseRule.self, "attempt-miscounted") { cast in
            _ = cast.decide(.retryOrdered, cast.running, .build, 1, .primary)
            return cast.decide(.assigned, cast.running, .build, 3, .primary)
        },
        .init(CourseRule.self, "wrong-lane") { cast in
            cast.decide(.takeoverOrdered, cast.running, .build, 1, .primary)
        },
        .init(CourseRule.self, "wrong-lane") { cast in
            _ = cast.decide(.retryOrdered, cast.running, .build, 1, .primary)
            return cast.decide(.assigned, cast.running, .build, 2, .fallback)
        },
        .init(CourseRule.self, "assigned-twice") { cast in
            cast.repeated(try cast.assignment(cast.finished, .watch).index)
        },
        .init(CourseRule.self, "assignment-missing") { cast in
            cast.history.world.remove(try cast.assignment(cast.finished, .watch).index)
            return cast.history.world.place(
                cast.history.world.records[try cast.decision(.assigned, cast.finished, .watch).index])
        },
        .init(CourseRule.self, "assignment-undecided") { cast in
            var order = try cast.assignment(cast.finished, .watch).payload
            order.attempt = 7
            return cast.history.world.write(order, cast.topics.leg(.monitor), key: "\(cast.finished)")
        },
        .init(CourseRule.self, "progress-unassigned") { cast in
            let progress = Progress(
                baton: cast.running, duty: .build, attempt: 8, lane: .primary, worker: "w", fraction: 0, note: "",
                at: cast.history.world.now)
            return cast.history.world.write(progress, cast.topics.progress, key: "\(cast.running)")
        },
        .init(CourseRule.self, "proceeded-wrongly") { cast in
            _ = cast.history.world.change(try cast.handoff(cast.refused, .build)) { $0.outcome = .failed }
            return cast.history.world.place(
                cast.history.world.records[try cast.decision(.assigned, cast.refused, .verification).index])
        },
    ]

    static let answers: [JudgeForgery] = [
        .init(CourseRule.self, "accepted-nameless") { cast in cast.decide(.handoffAccepted, cast.running) },
        .init(CourseRule.self, "accepted-not-out") { cast in
            cast.decide(.handoffAccepted, cast.running, .build, 2, .primary)
        },
        .init(CourseRule.self, "accepted-not-out") { cast in
            _ = cast.decide(.takeoverOrdered, cast.running, .build, 1, .fallback)
            return cast.decide(.handoffAccepted, cast.running, .build, 1, .primary)
        },
        .init(CourseRule.self, "accepted-after-end") { cast in
            cast.repeated(try cast.decision(.handoffAccepted, cast.finished, .closing).index)
        },
        .init(CourseRule.self, "takeover-nameless") { cast in cast.decide(.takeoverOrdered, cast.running) },
        .init(CourseRule.self, "takeover-without-reason") { cast in
            cast.decide(.takeoverOrdered, cast.running, .build, 1, .fallback, reason: nil)
        },
        .init(CourseRule.self, "takeover-not-out") { cast in
            cast.decide(.takeoverOrdered, cast.running, .build, 4, .fallback)
        },
        .init(CourseRule.self, "retry-nameless") { cast in cast.decide(.retryOrdered, cast.running) },
        .init(CourseRule.self, "retry-without-reason") { cast in
            cast.decide(.retryOrdered, cast.running, .build, 1, .primary, reason: "")
        },
        .init(CourseRule.self, "retry-not-out") { cast in
            cast.decide(.retryOrdered, cast.finished, .closing, 1, .primary)
        },
        .init(CourseRule.self, "live-early") { cast in cast.decide(.releaseLive, cast.running) },
        .init(CourseRule.self, "withdrawn-wrongly") { cast in cast.decide(.releaseWithdrawn, cast.running) },
        .init(CourseRule.self, "cancelled-wrongly") { cast in cast.decide(.cancelRequested, cast.finished) },
        .init(CourseRule.self, "ended-early") { cast in cast.decide(.ended, cast.running) },
        .init(CourseRule.self, "ended-twice") { cast in cast.decide(.ended, cast.finished) },
        .init(CourseRule.self, "closing-skipped") { cast in
            _ = cast.decide(.handoffAccepted, cast.running, .build, 1, .primary)
            return cast.decide(.ended, cast.running)
        },
    ]
}
