// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Where a URL points to.
struct HTTPTarget: Sendable {
    let url: String
    let isSecure: Bool
    let host: String
    let port: Int
    let path: String

    init(_ url: String) throws(HTTPClientError) {
        guard let parsed = URLComponents(string: url), let scheme = parsed.scheme, ["http", "https"].contains(scheme),
            let host = parsed.host, !host.isEmpty
        else {
            throw HTTPClientError(url: url, reason: "is not a URL of the form http://host:port/path")
        }
        self.url = url
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parsed.port ?? (isSecure ? 443 : 80)
        path =
            (parsed.percentEncodedPath.isEmpty ? "/" : parsed.percentEncodedPath)
            + (parsed.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    func request(_ method: String, _ headers: [String: String], _ body: [UInt8]) -> HTTPConnection.Request {
        var all = HTTPHeaders([
            ("host", host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"), ("connection", "close"),
        ])
        for (name, value) in headers { all.replaceOrAdd(name: name, value: value) }
        if !body.isEmpty || method == "POST" || method == "PUT" {
            all.replaceOrAdd(name: "content-length", value: String(body.count))
        }
        return .init(
            head: HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: all),
            body: body)
    }
}

extension HTTPResponseHead {
    var plainHeaders: [String: String] {
        Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
    }
}

/// One connection for one exchange.
struct HTTPConnection: Sendable {
    typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    /// The body of an answer, as it comes.
    typealias Body = HTTPBody

    struct Request: Sendable {
        let head: HTTPRequestHead
        let body: [UInt8]
    }

    private let channel: Channel
    private let url: String

    static func open(_ target: HTTPTarget, _ tls: ClientTLS?, timeout: Duration) async throws -> HTTPConnection {
        guard !target.isSecure || tls != nil else {
            throw HTTPClientError(url: target.url, reason: "TLS is not spoken here; name it by http://")
        }
        let milliseconds = timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(milliseconds))
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls, target.isSecure { try tls.add(to: channel, host: target.host) }
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Channel(wrappingChannelSynchronously: channel)
                    }
                }
            return HTTPConnection(channel: channel, url: target.url)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw HTTPClientError(url: target.url, reason: "cannot connect: \(inPlainWords(error))")
        }
    }

    /// Sends a request, gives the head and the body of the answer to `read`, closes the connection.
    func exchange<Value: Sendable>(
        _ request: Request, _ read: @Sendable (HTTPResponseHead, Body) async throws -> Value
    ) async throws -> Value {
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(request.head))
            if !request.body.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request.body)))) }
            try await outbound.write(.end(nil))
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                if case .head(let head) = part, head.status.code >= 200 {
                    return try await read(head, Body(parts: parts))
                }
            }
            throw HTTPClientError(url: url, reason: "the connection closed before the answer")
        }
    }
}

/// The buffers of a body until its end.
struct HTTPBody: AsyncSequence, AsyncIteratorProtocol {
    typealias Element = ByteBuffer
    var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> ByteBuffer? {
        while let part = try await parts.next() {
            switch part {
            case .head: continue
            case .body(let buffer): return buffer
            case .end: return nil
            }
        }
        try Task.checkCancellation()
        throw ChannelError.eof
    }
}
