// SPDX-License-Identifier: Apache-2.0

public import Operations

/// What the runtime reads in each process that uses it.
public enum RuntimeSettings {
    /// In every process.
    public static let exactlyOnce = SettingGroup(
        "Every service: topics and transactions",
        TopicProvision.settings + TransactionSettings.settings + StallSettings.settings)
    /// In every process that runs a leg.
    public static let leg = SettingGroup("Every leg", LegWorkerSettings.settings)
}
