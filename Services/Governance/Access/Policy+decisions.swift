// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Governance's no, in words that say what to do about it.
package struct Objection: Error, Equatable, CustomStringConvertible {
    /// What is refused, and what to do about it.
    package let description: String
}

extension Policy {
    /// Decides whether a baton may start.
    /// - Parameters:
    ///   - spent: what an account has spent this month.
    /// - Throws: `Objection`.
    package func admit(_ request: ReleaseRequest, spent: (String) -> Money) throws(Objection) -> Admission {
        guard let requester = requesters[request.requester] else {
            throw Objection(
                description: "the governance policy knows no requester \"\(request.requester)\": "
                    + "add it under requesters, or ask as one of those that are there")
        }
        guard requester.mayRelease(request.model) else {
            throw Objection(
                description: "requester \"\(request.requester)\" may not release the model \"\(request.model)\": "
                    + "add it to requesters.\(request.requester).models of the governance policy")
        }
        let left = try remaining(of: requester.account, spent: spent(requester.account))
        guard left.micros > 0 else {
            throw Objection(
                description: "the account \"\(requester.account)\" has spent its budget of this month: "
                    + "raise accounts.\(requester.account).monthlyBudget of the governance policy, or wait for the next"
            )
        }
        return Admission(account: requester.account, available: left)
    }

    /// Decides whether a baton may have traffic: what it has spent, and the least that it will still spend, must be
    /// within its own budget and within what its account has left.
    /// - Parameters:
    ///   - spent: what the baton has spent.
    ///   - floor: the least that it will still spend.
    ///   - declared: the budget that the release declares.
    ///   - accountSpent: what the account has spent this month, this baton's part of this month included.
    /// - Throws: `Objection`.
    package func approve(
        account: String, spent: Money, floor: Money, declared: Money, accountSpent: Money
    ) throws(Objection) -> Approval {
        guard declared.currency == spent.currency else {
            throw Objection(
                description: "the release declares its budget in \(declared.currency), and costs are counted in "
                    + "\(spent.currency): declare the budget of relay.yaml in \(spent.currency)")
        }
        let accountLeft = try remaining(of: account, spent: accountSpent)
        let ofAccount = spent.micros.addingReportingOverflow(max(0, accountLeft.micros))
        let accountLimit = ofAccount.overflow ? Int64.max : ofAccount.partialValue
        let limit = Money(micros: min(declared.micros, accountLimit), currency: spent.currency)
        let least = Money(micros: spent.micros + max(1, floor.micros), currency: spent.currency)
        guard least.micros <= limit.micros else {
            let bound =
                declared.micros <= accountLimit
                ? "the release's budget is \(declared) (raise it in relay.yaml)"
                : "the account \"\(account)\" has \(accountLeft) left this month "
                    + "(raise accounts.\(account).monthlyBudget of the governance policy)"
            throw Objection(
                description: "would overspend: \(spent) is spent, and being watched costs at least "
                    + "\(Money(micros: max(1, floor.micros), currency: floor.currency)) more, but \(bound)")
        }
        return Approval(spent: spent, limit: limit)
    }

    private func remaining(of account: String, spent: Money) throws(Objection) -> Money {
        guard let budget = accounts[account]?.monthlyBudget else {
            throw Objection(
                description: "the governance policy no longer has the account \"\(account)\": add it under accounts")
        }
        return Money(micros: budget.micros - spent.micros, currency: budget.currency)
    }
}
