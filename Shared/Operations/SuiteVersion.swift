// SPDX-License-Identifier: Apache-2.0

/// The release of the suite that this code belongs to.
public enum SuiteVersion {
    /// As in 0.5.0, by https://semver.org/spec/v2.0.0.html.
    public static let current = "0.5.0"
}
