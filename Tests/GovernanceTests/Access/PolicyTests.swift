// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import Access

@Suite("Governance policy")
struct PolicyTests {
    static let yaml = """
        accounts:
          research: {monthlyBudget: 100.50, currency: USD}
          empty: {monthlyBudget: 0, currency: USD}
        requesters:
          ada: {account: research, models: ["*"]}
          bob: {account: research, models: [iris, wine]}
          eve: {account: empty, models: ["*"]}
        """

    private func request(_ requester: String, _ model: String = "iris") -> ReleaseRequest {
        ReleaseRequest(project: .init(directory: "/p"), model: model, requester: requester)
    }

    private func admission(_ request: ReleaseRequest, spent: Int64 = 0) throws -> Admission {
        try Policy(yaml: Self.yaml, currency: "USD").admit(request) { _ in Samples.dollars(spent) }
    }

    @Test("a known requester is admitted with what the account has left")
    func admitted() throws {
        let expected = Admission(account: "research", available: Samples.dollars(100_000_000))
        #expect(try admission(request("ada", "any"), spent: 500_000) == expected)
        #expect(try admission(request("bob", "wine"), spent: 500_000) == expected)
    }

    @Test("an unknown requester is refused, and told where to be added")
    func unknown() {
        let objection = #expect(throws: Objection.self) { try admission(request("mallory")) }
        #expect(objection?.description.contains("no requester \"mallory\"") == true)
        #expect(objection?.description.contains("add it under requesters") == true)
    }

    @Test("a requester is refused a model that is not on its list")
    func model() {
        let objection = #expect(throws: Objection.self) { try admission(request("bob", "breast-cancer")) }
        #expect(objection?.description.contains("may not release the model \"breast-cancer\"") == true)
        #expect(objection?.description.contains("requesters.bob.models") == true)
    }

    @Test("an account that has spent its budget starts nothing more this month", arguments: [100_500_000, 200_000_000])
    func spent(micros: Int64) {
        let objection = #expect(throws: Objection.self) { try admission(request("ada"), spent: micros) }
        #expect(objection?.description.contains("accounts.research.monthlyBudget") == true)
        #expect(throws: Objection.self) { try admission(request("eve")) }
    }

    private func approval(
        spent: Int64, floor: Int64 = 1, declared: Money = Samples.dollars(1000), account: Int64 = 0
    ) throws -> Approval {
        try Policy(yaml: Self.yaml, currency: "USD").approve(
            account: "research", spent: Samples.dollars(spent), floor: Samples.dollars(floor), declared: declared,
            accountSpent: Samples.dollars(account))
    }

    @Test("a baton within its budget is approved up to the lower of both budgets")
    func approved() throws {
        #expect(try approval(spent: 900, floor: 100).limit == Samples.dollars(1000))
        #expect(try approval(spent: 900, account: 100_500_000 - 50).limit == Samples.dollars(950))
    }

    @Test("a baton that would overspend its own budget is refused before traffic", arguments: [901, 1000, 5000])
    func overspend(spent: Int64) {
        let objection = #expect(throws: Objection.self) { try approval(spent: spent, floor: 100) }
        #expect(objection?.description.hasPrefix("would overspend: ") == true)
        #expect(objection?.description.contains("raise it in relay.yaml") == true)
    }

    @Test("a baton that would overspend its account's budget is refused before traffic")
    func overspendAccount() {
        let objection = #expect(throws: Objection.self) { try approval(spent: 10, floor: 100, account: 100_499_950) }
        #expect(objection?.description.contains("accounts.research.monthlyBudget") == true)
    }

    @Test("a budget of nothing approves nothing")
    func nothing() {
        #expect(throws: Objection.self) { try approval(spent: 0, floor: 0, declared: Samples.dollars(0)) }
    }

    @Test("a budget in another currency is refused")
    func currency() {
        let objection = #expect(throws: Objection.self) {
            try approval(spent: 0, declared: Money(micros: 1000, currency: "EUR"))
        }
        #expect(objection?.description.contains("in USD") == true)
    }

    @Test("a policy that is wrong is refused with every problem named")
    func problems() {
        let yaml = """
            accounts:
              a: {monthlyBudget: -1, currency: USD}
              b: {monthlyBudget: 1, currency: EUR, owner: me}
              c: 5
              d: {monthlyBudget: 0.0000001, currency: usd}
            requesters:
              ada: {account: nowhere, models: []}
              bob: {models: [1, [2]], account: a}
            extra: 1
            """
        let refusal = #expect(throws: Refusal.self) { try Policy(yaml: yaml, currency: "USD") }
        let expected = [
            "extra (line 9) is not a known key", "accounts.a.monthlyBudget", "accounts.b.owner",
            "accounts.b.currency is EUR, and the rate card prices in USD", "accounts.c (line 4) must be a mapping",
            "accounts.d.monthlyBudget (line 5) has more than 6 digits", "accounts.d.currency must be a currency code",
            "requesters.ada.account is \"nowhere\"", "requesters.ada.models", "requesters.bob.models",
        ]
        for problem in expected {
            #expect(refusal?.problems.contains { $0.contains(problem) } == true, "\(problem) in \(refusal!)")
        }
    }

    @Test("a file that is no policy at all is refused", arguments: ["", "[1, 2]", "a: [", "a: 1\na: 2", "accounts:"])
    func noPolicy(yaml: String) {
        #expect(throws: Refusal.self) { try Policy(yaml: yaml, currency: "USD") }
    }
}
