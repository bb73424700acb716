// SPDX-License-Identifier: Apache-2.0

import Foundation

extension TraceExporter {
    /// The exporter of a process; nil when no endpoint is set.
    init?(_ context: ProcessContext) {
        guard let endpoint = context.configuration.tracesEndpoint else { return nil }
        // Short, because the process cannot end before an exchange has.
        let client = HTTPClient(timeout: .seconds(2), bodyLimitBytes: 1 << 20)
        let url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
        self.init(
            context.traces, resource: Self.resource(context.configuration), metrics: context.metrics,
            logger: context.logger
        ) { body in try await client.post(url, body: body) }
    }

    /// Source: https://opentelemetry.io/docs/specs/semconv/resource/#service
    private static func resource(_ configuration: ProcessConfiguration) -> [String: String] {
        [
            "service.name": "relay-" + configuration.service, "service.version": SuiteVersion.current,
            "service.instance.id": configuration.instance,
        ]
    }

    /// Whether a text is an endpoint: plain HTTP, for the client speaks no TLS, and nothing that may be a secret.
    static func isEndpoint(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), url.scheme == "http", url.host?.isEmpty == false else {
            return false
        }
        return url.user == nil && url.password == nil && url.query == nil && url.fragment == nil
    }
}
