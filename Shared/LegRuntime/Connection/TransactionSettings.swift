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
    /// How many records in a row may go to the dead letters.
    let poisonStreak: Int

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        timeout = try configuration.value(Self.timeoutSetting)
        producers = try configuration.value(Self.producersSetting)
        records = try configuration.value(Self.recordsSetting)
        aborts = try configuration.value(Self.abortsSetting)
        poisonAttempts = try configuration.value(Self.poisonSetting)
        poisonStreak = try configuration.value(Self.poisonStreakSetting)
    }

    static let settings = [
        timeoutSetting.declaration, producersSetting.declaration, recordsSetting.declaration,
        abortsSetting.declaration, poisonSetting.declaration, poisonStreakSetting.declaration,
    ]

    private static let timeoutSetting = Setting<Duration>.duration(
        "transaction-timeout", scope: .suite, default: .seconds(10), atLeast: .seconds(1),
        "after which the broker aborts a transaction")
    private static let producersSetting = Setting<Int>.int(
        "transaction-producers", scope: .suite, default: 2, in: 1...2,
        "transactional producers that take turns once a broker makes one wait for markers")
    private static let recordsSetting = Setting<Int>.int(
        "transaction-records", scope: .suite, default: 2_000, in: 1...100_000,
        "the most records that captain and ledger take into one transaction")
    private static let abortsSetting = Setting<Int>.int(
        "transaction-aborts", scope: .suite, default: 20, in: 1...10_000,
        "aborted transactions in a row after which the process ends")
    private static let poisonSetting = Setting<Int>.int(
        "poison-attempts", scope: .suite, default: 3, in: 1...100,
        "how often captain and ledger try a record before it goes to the dead letters")
    private static let poisonStreakSetting = Setting<Int>.int(
        "poison-streak", scope: .suite, default: 100, in: 1...1_000_000,
        "how many records that they cannot process go there in a row; at the next one the process ends")
}
