// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
public import Logging
public import ServiceLifecycle

/// What every part of a process is given.
public struct ProcessContext: Sendable {
    /// The settings.
    public let configuration: ProcessConfiguration
    /// The process's log.
    public let logger: Logger
    /// What is measured.
    public let metrics: Metrics
    /// What is ready.
    public let readiness: Readiness
    /// Takes what was done, for whoever collects traces.
    public let traces: Traces

    /// For tests and for processes that assemble themselves.
    public init(
        configuration: ProcessConfiguration, logger: Logger, metrics: Metrics = Metrics(),
        readiness: Readiness = Readiness(), traces: Traces = .off
    ) {
        self.configuration = configuration
        self.logger = logger
        self.metrics = metrics
        self.readiness = readiness
        self.traces = traces
    }
}

/// What a process runs besides its HTTP server.
public struct ProcessParts: Sendable {
    /// Started in this order after the HTTP server, stopped in reverse; each must run until the process shuts down.
    public var services: [any Service]
    /// Adds the service's own routes.
    public var routes: @Sendable (Router<BasicRequestContext>) -> Void

    /// - Parameters:
    ///   - services: Started in this order, stopped in reverse.
    ///   - routes: Adds the service's own routes.
    public init(
        services: [any Service], routes: @escaping @Sendable (Router<BasicRequestContext>) -> Void = { _ in }
    ) {
        self.services = services
        self.routes = routes
    }
}
