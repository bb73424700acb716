// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// The HTTP server of a process: `GET /metrics`, `/health/live`, `/health/ready` and the service's own routes.
///
/// Long-lived responses should end when `Task.isShuttingDownGracefully`; those that do not are cut off
/// `drain` after the shutdown began.
public final class OperationsServer: Service {
    /// The largest body that is taken.
    public static let bodyLimitBytes = 1 << 20

    private let context: ProcessContext
    private let routes: @Sendable (Router<BasicRequestContext>) -> Void
    private let drain: Duration
    private let bound = Mutex<BoundAddress?>(nil)

    /// - Parameters:
    ///   - context: Says where to listen, what is measured and what is ready.
    ///   - drain: How long open requests may go on once the process shuts down.
    ///   - routes: Adds the service's own routes.
    public init(
        context: ProcessContext, drain: Duration = .seconds(1),
        routes: @escaping @Sendable (Router<BasicRequestContext>) -> Void = { _ in }
    ) {
        self.context = context
        self.drain = drain
        self.routes = routes
        context.readiness.set(false, for: "http", reason: "not listening yet")
    }

    /// Where it listens; nil until it does.
    public var address: BoundAddress? { bound.withLock { $0 } }

    /// Listens until the process shuts down.
    /// - Throws: When the address cannot be bound, or the address file cannot be written.
    public func run() async throws {
        let configuration = context.configuration
        let router = Router(options: [.autoGenerateHeadEndpoints])
        addHealth(to: router)
        routes(router)
        let policy = EdgePolicy(
            hosts: try configuration.allowedHosts.and(configuration.httpHost), writes: .json,
            openPaths: ["/metrics", "/health/live", "/health/ready"], bodyLimitBytes: Self.bodyLimitBytes)
        let server = EdgeServer(
            router: router,
            door: EdgeDoor(
                policy: policy, limits: try EdgeLimits(configuration), metrics: context.metrics, words: \.problem),
            socket: {
                try await .bound(
                    host: configuration.httpHost, port: configuration.httpPort, setting: "RELAY_HTTP_PORT")
            },
            logger: quiet(context.logger), listening: listening(on:))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { [drain] in
                try? await gracefulShutdown()
                try await Task.sleep(for: drain)
            }
            try await group.next()
            group.cancelAll()
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
    }

    private func listening(on socket: ListeningSocket) throws {
        let address = BoundAddress(host: context.configuration.httpHost, port: socket.port)
        bound.withLock { $0 = address }
        context.readiness.set(true, for: "http", reason: "listening on \(address.host):\(address.port)")
        if let path = context.configuration.addressFile { try address.write(to: path) }
        context.logger.info("listening", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
    }

    private func addHealth(to router: Router<BasicRequestContext>) {
        let (metrics, readiness) = (context.metrics, context.readiness)
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: Exposition.contentType],
                body: .init(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
        router.get("/health/live") { _, _ in HealthReport(ready: true, parts: []).response }
        router.get("/health/ready") { _, _ in
            let parts = readiness.parts
            return HealthReport(ready: parts.allSatisfy(\.ready), parts: parts).response
        }
    }

    /// The server's own messages repeat ours at `info`.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        return quiet
    }
}

extension EdgeRefusal {
    /// As the services write their problems: `{"error": {"code", "message", "problems"}}`.
    var problem: [UInt8] {
        let (code, message) = (LogLine.quoted(reason.rawValue), LogLine.quoted(message))
        return Array("{\"error\":{\"code\":\(code),\"message\":\(message),\"problems\":[]}}".utf8)
    }
}

/// The body of the health routes.
struct HealthReport: Codable {
    let ready: Bool
    let parts: [Readiness.Part]

    var response: Response {
        // Booleans and strings alone: there is nothing that could fail to encode.
        let fields = parts.map { part in
            "{\"part\":\(LogLine.quoted(part.part)),\"ready\":\(part.ready),\"reason\":\(LogLine.quoted(part.reason))"
                + (part.isDegraded == true ? ",\"isDegraded\":true}" : "}")
        }
        let body = "{\"ready\":\(ready),\"parts\":[\(fields.joined(separator: ","))]}"
        return Response(
            status: ready ? .ok : .serviceUnavailable, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
