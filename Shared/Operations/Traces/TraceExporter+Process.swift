// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
public import ServiceLifecycle

extension TraceExporter {
    /// The exporter of a process; nil when no endpoint is set.
    /// - Throws: `ConfigurationError` when the authorities to be believed cannot be read.
    init?(_ context: ProcessContext) throws(ConfigurationError) {
        guard let endpoint = context.configuration.tracesEndpoint else { return nil }
        try self.init(
            context.traces, of: (context.configuration.service, context.configuration.instance), to: endpoint,
            authorities: context.configuration.tracesAuthorityFile, metrics: context.metrics, logger: context.logger)
    }

    /// - Throws: `ConfigurationError` when the authorities to be believed cannot be read.
    init(
        _ traces: Traces, of process: (service: String, instance: String), to endpoint: String, authorities: String?,
        metrics: Metrics, logger: Logger
    ) throws(ConfigurationError) {
        // Short, because the process cannot end before an exchange has.
        let client = HTTPClient(
            timeout: .seconds(2), bodyLimitBytes: 1 << 20, tls: try Self.tls(endpoint, authorities: authorities))
        let url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
        // Source: https://opentelemetry.io/docs/specs/semconv/resource/#service
        let resource = [
            "service.name": "relay-" + process.service, "service.version": SuiteVersion.current,
            "service.instance.id": process.instance,
        ]
        self.init(traces, resource: resource, metrics: metrics, logger: logger) { body in
            try await client.post(url, body: body)
        }
    }

    private static func tls(_ endpoint: String, authorities: String?) throws(ConfigurationError) -> ClientTLS? {
        let key = "RELAY_TRACES_CA_FILE"
        guard endpoint.hasPrefix("https:") else {
            guard authorities == nil else {
                throw ConfigurationError(key: key, reason: "is of no use: RELAY_TRACES_ENDPOINT is not https")
            }
            return nil
        }
        do throws(ClientTLS.Unusable) {
            return try ClientTLS(authorities: authorities)
        } catch {
            throw ConfigurationError(key: key, reason: error.reason)
        }
    }

    /// Whether a text is an endpoint, and has nothing that may be a secret.
    static func isEndpoint(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else { return false }
        return url.user == nil && url.password == nil && url.query == nil && url.fragment == nil
    }
}

/// Where the spans of a process go that is no service of its own, as a lane is; the service that starts it says so in
/// its environment.
public struct TraceDestination: Sendable {
    private let endpoint: String
    private let authorities: String?
    private let instance: String

    private enum Names {
        static let endpoint = "RELAY_TRACES_ENDPOINT"
        static let authorities = "RELAY_TRACES_CA_FILE"
        static let instance = "RELAY_INSTANCE"
    }

    /// What the environment says; nil when spans go nowhere.
    public init?(environment: [String: String]) {
        guard let endpoint = environment[Names.endpoint], TraceExporter.isEndpoint(endpoint) else { return nil }
        self.endpoint = endpoint
        authorities = environment[Names.authorities]
        instance = environment[Names.instance] ?? "unnamed"
    }

    /// What a process starts others with, so that their spans go where its own do.
    public static func environment(of configuration: ProcessConfiguration) -> [String: String] {
        guard let endpoint = configuration.tracesEndpoint else { return [:] }
        var environment = [Names.endpoint: endpoint, Names.instance: configuration.instance]
        environment[Names.authorities] = configuration.tracesAuthorityFile
        return environment
    }

    /// Exports spans as those of a service; starts before and stops behind whatever records them.
    /// - Parameter part: Tells processes of one instance apart.
    /// - Throws: `ConfigurationError` when the authorities to be believed cannot be read.
    public func exporter(
        of traces: Traces, service: String, part: String, metrics: Metrics, logger: Logger
    ) throws(ConfigurationError) -> any Service {
        try TraceExporter(
            traces, of: (service, "\(instance)/\(part)"), to: endpoint, authorities: authorities, metrics: metrics,
            logger: logger)
    }
}
