// SPDX-License-Identifier: Apache-2.0

import Access
import Baton
import Costs
import Ledger
import LegRuntime
import Operations

/// Governance's three duties: may it start, may it have traffic, what did it cost.
struct GovernanceWork: LegWork {
    /// A handoff needs this long to reach the captain before the deadline.
    static let reserve = Duration.seconds(2)
    /// How often a wait looks whether it is held up.
    private static let look = Duration.seconds(1)

    let policy: Policy
    let rateCard: RateCard
    let books: BooksView
    let clock: any WallClock

    var leg: Leg { .governance }

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        var results = Results()
        do {
            switch assignment.duty {
            case .admission: results.admission = try await admit(assignment, context)
            case .approval: results.approval = try await approve(assignment, context)
            case .closing: results.closing = try await close(assignment, context)
            case .build, .verification, .rollout, .watch:
                throw WorkFailure(
                    reason: "governance was assigned \(assignment.duty.rawValue), which another leg does",
                    retryable: false)
            }
        } catch let objection as Objection {
            throw WorkRefused(reason: objection.description)
        }
        return results
    }

    private func admit(_ assignment: Assignment, _ context: WorkContext) async throws -> Admission {
        context.progress(0, "reading the books")
        // Of an account whose chain is broken nobody knows what it has spent, and of a baton that has no entry yet
        // nobody knows whether it is of a broken chain.
        let account = policy.account(of: assignment.request.requester)
        try await wait(assignment, context, for: "what was on the ledger at the start") { [baton = assignment.baton] in
            $0.isSound(for: baton) && account.map($0.isSound(for:)) ?? true
        }
        let now = clock.now()
        let admission = try policy.admit(assignment.request) { account in
            books.read { $0.spent(by: account, inMonthOf: now) }
        }
        context.journal("admitted: the account \"\(admission.account)\" pays, and has \(admission.available) left")
        return admission
    }

    private func approve(_ assignment: Assignment, _ context: WorkContext) async throws -> Approval {
        guard let release = assignment.results.build?.declaration, let admission = assignment.results.admission else {
            throw WorkFailure(
                reason: "approval was assigned without the results of admission and build", retryable: false)
        }
        books.declare(budget: release.budget, of: assignment.baton)
        try await settle(assignment, context)
        let now = clock.now()
        let (spent, accountSpent) = books.read {
            ($0.total(of: assignment.baton), $0.spent(by: admission.account, inMonthOf: now))
        }
        let floor: Money
        do {
            floor = try rateCard.price(of: .requests, amount: Double(max(0, release.watch.minimumPredictions)))
        } catch {
            throw WorkFailure(reason: "what the watch costs cannot be priced: \(error)", retryable: false)
        }
        let approval = try policy.approve(
            account: admission.account, spent: spent, floor: floor, declared: release.budget,
            accountSpent: accountSpent)
        context.journal("approved: \(approval.spent) spent of \(approval.limit)")
        return approval
    }

    private func close(_ assignment: Assignment, _ context: WorkContext) async throws -> Closing {
        try await settle(assignment, context)
        let baton = assignment.baton
        let (total, parts, head) = books.read { ($0.total(of: baton), $0.parts(of: baton), $0.head(of: baton)) }
        guard let head else {
            throw WorkFailure(reason: "the ledger has no decision of this baton", retryable: true)
        }
        context.journal("books closed: \(total)")
        return Closing(total: total, parts: parts, ledger: head)
    }

    /// Waits until the books hold the baton's request and every consumption that was handed over.
    private func settle(_ assignment: Assignment, _ context: WorkContext) async throws {
        context.progress(0, "waiting for \(assignment.usage.count) consumptions to be entered")
        let (baton, usage) = (assignment.baton, assignment.usage)
        try await wait(assignment, context, for: "the baton's decisions and \(usage.count) consumptions") {
            $0.head(of: baton) != nil && $0.hold(usage: usage) && $0.isSound(for: baton)
        }
        context.progress(0.5, "adding up")
        let foreign = books.read { $0.batons[baton]?.foreignEntries ?? 0 }
        guard foreign == 0 else {
            throw WorkFailure(
                reason: "\(foreign) consumptions of this baton were priced in another currency than "
                    + "\(rateCard.currency): finish batons before the rate card's currency is changed",
                retryable: false)
        }
    }

    /// - Throws: `WorkFailure` when it takes longer than the assignment allows. While a chain is broken, though, it
    ///   waits for whoever mends that.
    private func wait(
        _ assignment: Assignment, _ context: WorkContext, for what: String,
        until condition: @escaping @Sendable (Books) -> Bool
    ) async throws {
        let end = ContinuousClock.now + max(.zero, assignment.deadline - clock.now() - Self.reserve)
        let (fraction, note) = (context.said.fraction, context.said.note)
        while true {
            let left = end - ContinuousClock.now
            // A break may come while it waits.
            if try await books.wait(noLongerThan: max(.zero, min(left, Self.look)), until: condition) {
                return context.progress(fraction, note)
            }
            if let found = books.breaks.first {
                context.heldUp("\(found). To go on: \(found.remedy)")
                // Without a pause it would not wait, once its time is over.
                if left <= .zero { try await Task.sleep(for: Self.look) }
            } else if left <= .zero {
                throw WorkFailure(
                    reason: "the ledger did not have \(what) in time: see whether a governance instance writes it",
                    retryable: true)
            } else {
                context.progress(fraction, note)
            }
        }
    }
}
