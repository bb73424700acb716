// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Operations

extension ProcessConfiguration {
    /// The settings of the suite as commands read them: the environment, and the file that it names. Flags of a
    /// command are its own.
    /// - Throws: `ConfigurationError` with every problem found.
    static func ofCommand(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> ProcessConfiguration {
        try load(service: "relay", settings: [settingsOfCommands], arguments: ["relay"], environment: environment)
    }

    private static let settingsOfCommands = SettingGroup("Commands", [captainURLSetting.declaration])
    private static let captainURLSetting = Setting<String?>.text(
        "captain-url", scope: .suite, form: "a base URL", "base URL of a captain, or of several behind one name")

    /// Base URL of the captain that commands talk to instead of one on this machine.
    /// - Throws: `ConfigurationError`.
    func captainURL() throws(ConfigurationError) -> String? {
        try value(Self.captainURLSetting).map(Self.withoutSlash)
    }

    private static func withoutSlash(_ url: String) -> String {
        String(url.reversed().drop { $0 == "/" }.reversed())
    }
}

/// How long a command waits, as people write it: `60s`, `500ms`.
struct TimeLimit: ExpressibleByArgument, Equatable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { description }

    /// `60 s`, or `500 ms`.
    var description: String {
        duration >= .seconds(1) && duration.milliseconds % 1000 == 0
            ? "\(duration.milliseconds / 1000)s" : "\(duration.milliseconds)ms"
    }
}
