// SPDX-License-Identifier: Apache-2.0

import Baton

/// Who may release what, and who pays for it.
struct Policy: Sendable, Equatable {
    struct Account: Sendable, Equatable {
        /// What may be spent in one calendar month, in UTC.
        var monthlyBudget: Money
    }

    struct Requester: Sendable, Equatable {
        /// The account that pays.
        var account: String
        /// The models that may be released; `*` stands for all.
        var models: Set<String>

        func mayRelease(_ model: String) -> Bool { models.contains("*") || models.contains(model) }
    }

    var accounts: [String: Account]
    var requesters: [String: Requester]

    /// The account that pays for what a requester asks for; nil when the requester is unknown.
    func account(of requester: String) -> String? { requesters[requester]?.account }
}

/// Governance's no, in words that say what to do about it.
struct Objection: Error, Equatable, CustomStringConvertible {
    let description: String
}

extension Policy {
    /// Decides whether a baton may start.
    /// - Parameters:
    ///   - spent: what an account has spent this month.
    /// - Throws: `Objection`.
    func admit(_ request: ReleaseRequest, spent: (String) -> Money) throws(Objection) -> Admission {
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
    func approve(
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

extension Policy {
    /// Reads the policy file's text.
    /// - Parameter currency: the rate card's; every budget must be in it, for it is compared with what is priced.
    /// - Throws: `Refusal` with everything that is wrong with it.
    init(yaml text: String, currency: String) throws(Refusal) {
        var yaml = StrictYAML()
        let root = yaml.root(of: text)
        yaml.expect(["accounts", "requesters"], in: root)
        let listedAccounts = yaml.mapping(root["accounts"], at: "accounts")
        let listedRequesters = yaml.mapping(root["requesters"], at: "requesters")
        var accounts: [String: Account] = [:]
        for (name, node) in listedAccounts.members {
            accounts[name] = Self.account(node, at: "accounts.\(name)", currency: currency, &yaml)
        }
        var requesters: [String: Requester] = [:]
        for (name, node) in listedRequesters.members {
            requesters[name] = Self.requester(
                node, at: "requesters.\(name)", accounts: Set(listedAccounts.members.map(\.name)), &yaml)
        }
        guard yaml.problems.isEmpty else { throw Refusal(yaml.problems) }
        self.init(accounts: accounts, requesters: requesters)
    }

    private static func account(
        _ node: StrictYAML.Node, at path: String, currency: String, _ yaml: inout StrictYAML
    ) -> Account? {
        let mapping = yaml.mapping(node, at: path)
        yaml.expect(["monthlyBudget", "currency"], in: mapping)
        let micros = yaml.decimal("monthlyBudget", in: mapping, places: 6)
        guard let stated = yaml.currency("currency", in: mapping) else { return nil }
        guard stated == currency else {
            yaml.note("\(path).currency is \(stated), and the rate card prices in \(currency)")
            return nil
        }
        return micros.map { Account(monthlyBudget: Money(micros: $0, currency: stated)) }
    }

    private static func requester(
        _ node: StrictYAML.Node, at path: String, accounts: Set<String>, _ yaml: inout StrictYAML
    ) -> Requester? {
        let mapping = yaml.mapping(node, at: path)
        yaml.expect(["account", "models"], in: mapping)
        let models = yaml.texts("models", in: mapping)
        guard let account = yaml.text("account", in: mapping) else { return nil }
        guard accounts.contains(account) else {
            yaml.note("\(path).account is \"\(account)\", which is not listed under accounts")
            return nil
        }
        return models.map { Requester(account: account, models: Set($0)) }
    }
}
