// SPDX-License-Identifier: Apache-2.0

/// A stumbling lane is avoided for `first`, doubled for each failure in a row.
enum LaneAvoidance {
    static let first: Duration = .seconds(1)
    static let longest: Duration = .seconds(30)
}
