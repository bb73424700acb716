// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
package import RelayClients
import Synchronization

/// Compares the rules of one cluster's authorizer with a table and adds what is missing, waiting for it a bounded time.
package struct AccessKeeper: Sendable {
    let access: KafkaAccess
    let table: AccessTable
    let limit: TimeLimit

    /// Of its parts.
    package init(access: KafkaAccess, table: AccessTable, limit: TimeLimit) {
        self.access = access
        self.table = table
        self.limit = limit
    }

    /// Adds the rules that are missing, and waits until they are in force.
    package func apply() async throws -> AccessReport {
        // Kept over attempts: a rule that was added by the first is found by the second.
        let added = Mutex<Set<AccessRule>>([])
        return try await withAdmin { admin in
            let before = try await plan(admin)
            if !before.missing.isEmpty {
                try await admin.createAccessRules(before.missing)
                added.withLock { $0.formUnion(before.missing) }
                guard try await plan(admin).missing.isEmpty else { throw KafkaError.notYetInForce }
            }
            var done = before
            done.missing = added.withLock { added in table.rules.filter(added.contains) }
            return report(done, dryRun: false)
        }
    }

    /// Changes nothing.
    package func look() async throws -> AccessReport {
        try await withAdmin { report(try await plan($0), dryRun: true) }
    }

    private func report(_ plan: AccessPlan, dryRun: Bool) -> AccessReport {
        AccessReport(plan, of: table, dryRun: dryRun, bootstrapServers: access.kafka.bootstrapServers)
    }

    private func plan(_ admin: KafkaAdmin) async throws -> AccessPlan {
        AccessPlan(
            table: table.rules, found: try await admin.accessRules(), isAddable: KafkaAdmin.addsRules,
            prefix: access.topics.prefix)
    }

    private func withAdmin(_ body: @escaping @Sendable (KafkaAdmin) async throws -> AccessReport) async throws
        -> AccessReport
    {
        let notes = ClientNotes()
        return try await access.kafka.withAdmin(logger: notes.logger) { admin in
            try await access.waiting(upTo: limit, "the rules of access could not be applied", notes) {
                try await admin.checkAuthorizer()
                return try await body(admin)
            }
        }
    }
}

extension KafkaError {
    fileprivate static var notYetInForce: KafkaError {
        KafkaError(
            code: .timedOut, operation: "check the rules of access", message: "not every broker knows them yet",
            isRetriable: true)
    }
}
