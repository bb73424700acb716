// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Operations
import RoutingRules

/// How releases are served.
struct DeploySettings: Sendable {
    let routerHost: String
    let routerPort: Int
    let routerDrain: Duration
    let endpoint: String?
    let laneExecutable: String
    let laneStartTimeout: Duration
    let budget: RequestBudget
    let usageInterval: Duration
    /// This instance's own; nothing in it outlives the process.
    let directory: String

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        routerHost = try configuration.value(Keys.routerHost) ?? configuration.httpHost
        routerPort = try configuration.value(Keys.routerPort)
        routerDrain = try configuration.value(Keys.routerDrain)
        endpoint = try configuration.value(Keys.endpoint)
        laneExecutable = try configuration.value(Keys.laneExecutable) ?? Self.siblingLane
        laneStartTimeout = try configuration.value(Keys.laneStartTimeout)
        budget = RequestBudget(
            total: try configuration.value(Keys.requestTimeout), attempt: try configuration.value(Keys.attemptTimeout))
        usageInterval = try configuration.value(Keys.usageInterval)
        directory = "\(configuration.dataDirectory)/deploy/\(configuration.instance)"
    }

    private static var siblingLane: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "relay-deploy"
        return URL(filePath: own).deletingLastPathComponent().appending(path: "relay-lane").path
    }

    static let settings = SettingGroup(
        "Deploy",
        [
            Keys.routerHost.declaration, Keys.routerPort.declaration, Keys.routerDrain.declaration,
            Keys.endpoint.declaration, Keys.laneExecutable.declaration, Keys.laneStartTimeout.declaration,
            Keys.requestTimeout.declaration, Keys.attemptTimeout.declaration, Keys.usageInterval.declaration,
        ])

    private enum Keys {
        static let routerHost = Setting<String?>.text(
            "router-host", form: "an address", shown: "as `RELAY_HTTP_HOST`", "address to take inference requests at")
        static let routerPort = Setting<Int>.int(
            "router-port", default: 0, in: 0...65535, "port to take inference requests at; 0 takes any free one")
        static let routerDrain = Setting<Duration>.duration(
            "router-drain", default: .seconds(2), atMost: .seconds(4),
            "that the router goes on answering after SIGTERM, as not ready, so that requests are sent elsewhere")
        static let endpoint = Setting<String?>.text(
            "endpoint", form: "a base URL", shown: "`http://<router host>:<router port>`",
            "base URL by which clients reach the router")
        static let laneExecutable = Setting<String?>.text(
            "lane-executable", form: "a path", shown: "`relay-lane` beside `relay-deploy`", "the program of a lane")
        static let laneStartTimeout = Setting<Duration>.duration(
            "lane-start-timeout", default: .seconds(20), "after which a lane that is not ready is given up")
        static let requestTimeout = Setting<Duration>.duration(
            "request-timeout", default: .seconds(10), "bounds a request, its second attempt included")
        static let attemptTimeout = Setting<Duration>.duration(
            "attempt-timeout", default: .seconds(3), "after which a silent lane's request goes to another")
        static let usageInterval = Setting<Duration>.duration(
            "usage-interval", default: .seconds(2), atLeast: .milliseconds(100),
            "between two reports of what serving consumed")
    }
}
