// SPDX-License-Identifier: Apache-2.0

import Baton
import Operations

extension RacePolicy {
    /// Reads the captain's patience.
    ///
    /// | key | default | meaning |
    /// |---|---|---|
    /// | `RELAY_CAPTAIN_SILENCE` | `1s` | silence of a first attempt that counts as a stall; doubles per attempt |
    /// | `RELAY_CAPTAIN_LONGEST_SILENCE` | `10s` | up to here |
    /// | `RELAY_CAPTAIN_FAILURES_BEFORE_TAKEOVER` | `2` | retryable failures after which the other lane is sent |
    /// | `RELAY_CAPTAIN_ATTEMPTS` | `10` | attempts at one duty after which the baton is dropped |
    /// | `RELAY_CAPTAIN_BUILD_DEADLINE` | `1h` | the most time of one attempt at a build |
    /// | `RELAY_CAPTAIN_DEADLINE` | `60s` | the same of any other duty; a watch gets its period on top |
    /// - Throws: `ConfigurationError` naming the key of a wrong value.
    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        let standard = RacePolicy()
        let silence = try configuration.duration("silence", default: standard.silence)
        let longest = try configuration.duration("longest-silence", default: max(standard.longestSilence, silence))
        guard silence >= .milliseconds(100) else {
            throw ConfigurationError(
                key: "RELAY_CAPTAIN_SILENCE", reason: "must be at least 100ms: the captain looks ten times a second")
        }
        guard longest >= silence else {
            throw ConfigurationError(
                key: "RELAY_CAPTAIN_LONGEST_SILENCE", reason: "must be at least RELAY_CAPTAIN_SILENCE")
        }
        self.init(
            silence: silence, longestSilence: longest,
            failuresBeforeTakeover: try configuration.int(
                "failures-before-takeover", default: standard.failuresBeforeTakeover, in: 1...100),
            attempts: try configuration.int("attempts", default: standard.attempts, in: 1...1000),
            buildDeadline: try configuration.duration("build-deadline", default: standard.buildDeadline),
            deadline: try configuration.duration("deadline", default: standard.deadline))
    }
}
