// SPDX-License-Identifier: Apache-2.0

package import Baton
package import Operations

extension RacePolicy {
    /// The captain's patience.
    package static let settings = SettingGroup(
        "Captain",
        [
            Keys.silence.declaration, Keys.longestSilence.declaration, Keys.failures.declaration,
            Keys.attempts.declaration, Keys.buildDeadline.declaration, Keys.deadline.declaration,
        ])

    /// Reads the captain's patience.
    /// - Throws: `ConfigurationError` naming the key of a wrong value.
    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        let silence = try configuration.value(Keys.silence)
        var longest = try configuration.value(Keys.longestSilence)
        if !configuration.isSet(Keys.longestSilence) { longest = max(longest, silence) }
        guard longest >= silence else {
            throw ConfigurationError(
                key: "RELAY_CAPTAIN_LONGEST_SILENCE", reason: "must be at least RELAY_CAPTAIN_SILENCE")
        }
        self.init(
            silence: silence, longestSilence: longest,
            failuresBeforeTakeover: try configuration.value(Keys.failures),
            attempts: try configuration.value(Keys.attempts),
            buildDeadline: try configuration.value(Keys.buildDeadline),
            deadline: try configuration.value(Keys.deadline))
    }

    private enum Keys {
        static let standard = RacePolicy()
        // The captain looks ten times a second.
        static let silence = Setting<Duration>.duration(
            "silence", default: standard.silence, atLeast: .milliseconds(100),
            "silence of a first attempt that orders a takeover; doubles with each attempt")
        static let longestSilence = Setting<Duration>.duration(
            "longest-silence", default: standard.longestSilence, "up to here")
        static let failures = Setting<Int>.int(
            "failures-before-takeover", default: standard.failuresBeforeTakeover, in: 1...100,
            "retryable failures after which the other lane is sent")
        static let attempts = Setting<Int>.int(
            "attempts", default: standard.attempts, in: 1...1000,
            "attempts at one duty after which the baton is dropped")
        static let buildDeadline = Setting<Duration>.duration(
            "build-deadline", default: standard.buildDeadline, "the most time for one attempt at a build")
        static let deadline = Setting<Duration>.duration(
            "deadline", default: standard.deadline, "the same for any other duty; a watch gets its period on top")
    }
}
