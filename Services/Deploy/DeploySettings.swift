// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Operations

/// How releases are served.
///
/// | key | default | meaning |
/// |---|---|---|
/// | `RELAY_DEPLOY_ROUTER_HOST` | as `RELAY_HTTP_HOST` | address to take inference requests at |
/// | `RELAY_DEPLOY_ROUTER_PORT` | `0` | 0 takes any free port |
/// | `RELAY_DEPLOY_ENDPOINT` | `http://<router host>:<router port>` | base URL by which clients reach the router |
/// | `RELAY_DEPLOY_LANE_EXECUTABLE` | `relay-lane` beside this program | the program of a lane |
/// | `RELAY_DEPLOY_LANE_START_TIMEOUT` | `20s` | after which a lane that is not ready is given up |
/// | `RELAY_DEPLOY_REQUEST_TIMEOUT` | `10s` | bounds a request, its second attempt included |
/// | `RELAY_DEPLOY_ATTEMPT_TIMEOUT` | `3s` | after which a silent lane's request goes to another |
/// | `RELAY_DEPLOY_USAGE_INTERVAL` | `2s` | between two reports of what serving consumed |
struct DeploySettings: Sendable {
    let routerHost: String
    let routerPort: Int
    let endpoint: String?
    let laneExecutable: String
    let laneStartTimeout: Duration
    let budget: InferenceRelay.Budget
    let usageInterval: Duration
    /// This instance's own; nothing in it outlives the process.
    let directory: String

    init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        routerHost = configuration.string("router-host", default: configuration.httpHost)
        routerPort = try configuration.int("router-port", default: 0, in: 0...65535)
        endpoint = configuration.optionalString("endpoint")
        laneExecutable = configuration.string("lane-executable", default: Self.siblingLane)
        laneStartTimeout = try configuration.duration("lane-start-timeout", default: .seconds(20))
        budget = InferenceRelay.Budget(
            total: try configuration.duration("request-timeout", default: .seconds(10)),
            attempt: try configuration.duration("attempt-timeout", default: .seconds(3)))
        usageInterval = try configuration.duration("usage-interval", default: .seconds(2))
        guard usageInterval >= .milliseconds(100) else {
            throw ConfigurationError(key: "RELAY_DEPLOY_USAGE_INTERVAL", reason: "must be at least 100ms")
        }
        directory = "\(configuration.dataDirectory)/deploy/\(configuration.instance)"
    }

    private static var siblingLane: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "relay-deploy"
        return URL(filePath: own).deletingLastPathComponent().appending(path: "relay-lane").path
    }
}
