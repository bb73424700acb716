// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
package import Operations

extension ProcessConfiguration {
    /// The settings of the suite as commands read them: the environment, and the file that it names. Flags of a
    /// command are its own.
    /// - Throws: `ConfigurationError` with every problem found.
    package static func ofCommand(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> ProcessConfiguration {
        try load(service: "relay", settings: [settingsOfCommands], arguments: ["relay"], environment: environment)
    }

    private static let settingsOfCommands = SettingGroup(
        "Commands",
        [
            captainURLSetting.declaration, routerHostSetting.declaration, routerPortSetting.declaration,
            routerEndpointSetting.declaration,
        ])
    // As deploy reads them: what binds for it must bind where it would.
    private static let routerHostSetting = Setting<String?>.text(
        "deploy-router-host", scope: .suite, form: "an address", "address to take inference requests at")
    private static let routerPortSetting = Setting<Int>.int(
        "deploy-router-port", scope: .suite, default: 0, in: 0...65535, "port to take inference requests at")
    private static let routerEndpointSetting = Setting<String?>.text(
        "deploy-endpoint", scope: .suite, form: "a base URL", "base URL by which clients reach the router")
    private static let captainURLSetting = Setting<String?>.text(
        "captain-url", scope: .suite, form: "a base URL", "base URL of a captain, or of several behind one name")

    /// Base URL of the captain that commands talk to instead of one on this machine.
    /// - Throws: `ConfigurationError`.
    package func captainURL() throws(ConfigurationError) -> String? {
        try value(Self.captainURLSetting).map(Self.withoutSlash)
    }

    /// Where `relay up` takes inference requests.
    package var routerHost: String? { get throws(ConfigurationError) { try value(Self.routerHostSetting) } }
    /// At which port; 0 for any.
    package var routerPort: Int { get throws(ConfigurationError) { try value(Self.routerPortSetting) } }
    /// By which base URL clients get there, when that is another one.
    package var routerEndpoint: String? { get throws(ConfigurationError) { try value(Self.routerEndpointSetting) } }

    private static func withoutSlash(_ url: String) -> String {
        String(url.reversed().drop { $0 == "/" }.reversed())
    }
}
