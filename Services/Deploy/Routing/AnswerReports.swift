// SPDX-License-Identifier: Apache-2.0

/// Where answered requests go. Never blocks and never fails: traffic comes before its records.
package protocol AnswerReports: Sendable {
    /// Takes an answer.
    func report(_ answer: AnsweredRequest)
}
