// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations

/// How a leg worker works.
///
/// | key | default | meaning |
/// |---|---|---|
/// | `RELAY_<SERVICE>_WORK_LIMIT` | 4 | assignments that run at once |
/// | `RELAY_PROGRESS_INTERVAL` | `250ms` | between two reports of running work |
/// | `RELAY_SHUTDOWN_GRACE` | `5s` | that running work gets to end once the process shuts down |
/// | `RELAY_TRANSACTION_TIMEOUT` | `10s` | after which the broker aborts a transaction |
/// | `RELAY_OFFSET_METADATA_BYTES` | 3500 | the most text beside a committed offset |
/// | `RELAY_TRANSACTION_PRODUCERS` | 2 | transactional producers that take turns, 1 or 2 |
struct LegWorkerSettings: Sendable {
    let lane: RaceLane
    let workLimit: Int
    let progressInterval: Duration
    let grace: Duration
    let transactions: TransactionSettings
    let stalls: StallSettings
    let offsetTextBytes: Int

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        guard let lane = RaceLane(rawValue: configuration.lane) else {
            throw ConfigurationError(key: "RELAY_LANE", reason: "\"\(configuration.lane)\" is not primary or fallback")
        }
        self.lane = lane
        workLimit = try configuration.int("work-limit", default: 4, in: 1...256)
        progressInterval = try configuration.duration("progress-interval", scope: .suite, default: .milliseconds(250))
        guard progressInterval >= .milliseconds(10) else {
            throw ConfigurationError(key: "RELAY_PROGRESS_INTERVAL", reason: "must be at least 10ms")
        }
        grace = try configuration.duration("shutdown-grace", scope: .suite, default: .seconds(5))
        guard grace <= .seconds(7) else {
            throw ConfigurationError(key: "RELAY_SHUTDOWN_GRACE", reason: "must leave time within 10 s: at most 7s")
        }
        transactions = try TransactionSettings(configuration)
        stalls = try StallSettings(configuration)
        offsetTextBytes = try configuration.int(
            "offset-metadata-bytes", scope: .suite, default: OffsetMap.maximumTextBytes, in: 64...1_000_000)
    }
}
