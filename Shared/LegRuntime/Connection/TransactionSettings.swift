// SPDX-License-Identifier: Apache-2.0

import Operations

/// What all exactly-once loops share.
struct TransactionSettings: Sendable {
    /// After which the broker aborts a transaction.
    let timeout: Duration
    /// How many producers take turns.
    let producers: Int
    /// The most records that a processor takes into one transaction.
    let records: Int
    /// How many aborted transactions in a row are borne.
    let aborts: Int
    /// How often a record that cannot be processed is tried.
    let poisonAttempts: Int

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        timeout = try configuration.duration("transaction-timeout", scope: .suite, default: .seconds(10))
        guard timeout >= .seconds(1) else {
            throw ConfigurationError(key: "RELAY_TRANSACTION_TIMEOUT", reason: "must be at least 1s")
        }
        producers = try configuration.int("transaction-producers", scope: .suite, default: 2, in: 1...2)
        records = try configuration.int("transaction-records", scope: .suite, default: 2_000, in: 1...100_000)
        aborts = try configuration.int("transaction-aborts", scope: .suite, default: 20, in: 1...10_000)
        poisonAttempts = try configuration.int("poison-attempts", scope: .suite, default: 3, in: 1...100)
    }
}
