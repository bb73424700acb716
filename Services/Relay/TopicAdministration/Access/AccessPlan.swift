// SPDX-License-Identifier: Apache-2.0

import Kafka

/// What a cluster's rules lack, and have beyond what the table says of its users. Pure.
struct AccessPlan: Equatable {
    /// Rules of the table that the cluster does not have.
    var missing: [AccessRule]
    /// Such rules that librdkafka cannot add.
    var unaddable: [AccessRule] = []
    /// Rules of the cluster that the table does not have.
    var surplus: [AccessRule]
}

extension AccessPlan {
    /// - Parameters:
    ///   - table: The rules that there should be.
    ///   - found: All rules of the cluster.
    ///   - isAddable: Whether rules about resources of a kind can be added.
    ///   - prefix: How the relay's names begin. What has nothing to do with them is nobody's business here; nor are
    ///     users that the table does not name, as other systems that write to the inbox.
    init(
        table: [AccessRule], found: [AccessRule], isAddable: (AccessRule.Resource) -> Bool = { _ in true },
        prefix: String
    ) {
        let (wanted, existing) = (Set(table), Set(found))
        let users = Set(table.map(\.principal))
        let lacking = table.filter { !existing.contains($0) }
        missing = lacking.filter { isAddable($0.resource) }
        unaddable = lacking.filter { !isAddable($0.resource) }
        surplus = found.filter { rule in
            !wanted.contains(rule) && (users.contains(rule.principal) || rule.principal == "User:*")
                && rule.concernsNames(beginningWith: prefix)
        }
    }
}

extension AccessRule {
    /// Whether some name that begins so is meant.
    fileprivate func concernsNames(beginningWith prefix: String) -> Bool {
        guard resource != .cluster, name != "*" else { return true }
        return name.hasPrefix(prefix) || (pattern == .prefixed && prefix.hasPrefix(name))
    }
}
