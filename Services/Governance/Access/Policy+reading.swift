// SPDX-License-Identifier: Apache-2.0

package import Baton
import StrictYAML

extension Policy {
    /// Reads the policy file's text.
    /// - Parameter currency: the rate card's; every budget must be in it, for it is compared with what is priced.
    /// - Throws: `Refusal` with everything that is wrong with it.
    package init(yaml text: String, currency: String) throws(Refusal) {
        var yaml = YAMLReader()
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
        _ node: YAMLReader.Node, at path: String, currency: String, _ yaml: inout YAMLReader
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
        _ node: YAMLReader.Node, at path: String, accounts: Set<String>, _ yaml: inout YAMLReader
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
