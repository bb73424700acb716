// SPDX-License-Identifier: Apache-2.0

/// How long, and how much, clients of a server may keep it busy.
public struct EdgeLimits: Sendable, Equatable {
    /// All fields of a head together.
    static let headBytes = 80 * 1024

    /// From the opening of a connection until its first request's head is whole.
    public var head: Duration = .seconds(10)
    /// From a request's head until its body is whole.
    public var body: Duration = .seconds(30)
    /// From an answer until the next request's head is whole. Longer than proxies keep their own connections open.
    public var idle: Duration = .seconds(75)
    /// During which a client must take something of an answer that waits for it.
    public var stall: Duration = .seconds(30)
    /// For a client to read the last answer before its connection is closed.
    public var linger: Duration = .seconds(2)
    /// Bytes of bodies that are held at once, over all connections.
    public var bodiesBytes = 128 << 20
    /// Connections beyond which only open paths are answered.
    public var connections = 1024

    /// The limits that hold when nobody says otherwise.
    public init() {}

    /// Reads them.
    /// - Throws: `ConfigurationError`.
    public init(_ configuration: ProcessConfiguration) throws(ConfigurationError) {
        head = try configuration.value(ProcessConfiguration.Keys.headTimeout)
        body = try configuration.value(ProcessConfiguration.Keys.bodyTimeout)
        idle = try configuration.value(ProcessConfiguration.Keys.idleTimeout)
        bodiesBytes = try configuration.value(ProcessConfiguration.Keys.bodies) << 20
        connections = try configuration.value(ProcessConfiguration.Keys.connections)
    }
}
