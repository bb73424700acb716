// SPDX-License-Identifier: Apache-2.0

import Baton
import Kafka
import Operations

/// How a leg worker works.
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
        workLimit = try configuration.value(Self.workLimitSetting)
        progressInterval = try configuration.value(Self.progressIntervalSetting)
        grace = try configuration.value(Self.graceSetting)
        transactions = try TransactionSettings(configuration)
        stalls = try StallSettings(configuration)
        offsetTextBytes = try configuration.value(Self.offsetTextSetting)
    }

    static let settings = [
        workLimitSetting.declaration, progressIntervalSetting.declaration, graceSetting.declaration,
        offsetTextSetting.declaration,
    ]

    private static let workLimitSetting = Setting<Int>.int(
        "work-limit", default: 4, in: 1...256, "duties that run at once")
    private static let progressIntervalSetting = Setting<Duration>.duration(
        "progress-interval", scope: .suite, default: .milliseconds(250), atLeast: .milliseconds(10),
        "between two signs of life; keep it well below the captain's patience")
    // A process ends within 10 s of SIGTERM: what is left is for the last commit and for leaving the group.
    private static let graceSetting = Setting<Duration>.duration(
        "shutdown-grace", scope: .suite, default: .seconds(5), atMost: .seconds(7),
        "that running work gets to end after SIGTERM")
    private static let offsetTextSetting = Setting<Int>.int(
        "offset-metadata-bytes", scope: .suite, default: OffsetMap.maximumTextBytes, in: 64...1_000_000,
        "the most text beside an offset, which says what is finished above it; below the broker's "
            + "`offset.metadata.max.bytes`. A partition for which it is too little is held back")
}
