// SPDX-License-Identifier: Apache-2.0

/// What the clients together and each of them may take of the broker.
///
/// What has a name in Apache Kafka's broker settings keeps its meaning; `BrokerSettings` lists the names.
public struct ConnectionLimits: Sendable, Equatable {
    /// The largest request in bytes (`socket.request.max.bytes`): a connection that announces a larger one is closed.
    public var socketRequestMaxBytes = 100 << 20
    /// Open connections (`max.connections`); nil for what the process may open, up to 10,000.
    ///
    /// At the limit a new connection takes the place of the oldest one that has not sent a single request, so that
    /// idle crowds keep nobody out; when there is none, it is refused.
    public var maxConnections: Int?
    /// Open connections from one address (`max.connections.per.ip`).
    public var maxConnectionsPerIP = Int.max
    /// How long a connection may do nothing (`connections.max.idle.ms`).
    public var connectionsMaxIdle: Duration = .seconds(600)
    /// Bytes of all requests being received and served (`queued.max.request.bytes`): beyond it nothing more is read.
    public var queuedMaxRequestBytes = 256 << 20
    /// Bytes in memory of answers that wait for their readers: beyond it fetches get small answers.
    public var queuedMaxResponseBytes = 256 << 20
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestReceiveTimeout: Duration = .seconds(30)
    /// How long an answer may wait without its client reading a byte of it.
    public var unreadAnswerTimeout: Duration = .seconds(60)

    /// A connection is not judged silent before this time, in which a client says what it wants.
    var silenceGrace: Duration = .seconds(1)

    /// The limits that suit a laptop.
    public init() {}
}
