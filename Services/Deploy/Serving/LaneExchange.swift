// SPDX-License-Identifier: Apache-2.0

import Baton
import NIOCore
import NIOHTTP1
import Operations

/// One request on its way through a connection, and where its answer goes.
struct LaneExchange: Sendable {
    let request: LaneRequest
    let timeout: Duration
    let answer: EventLoopPromise<LaneResponse>
}

/// Runs one exchange at a time over an HTTP/1.1 connection. Bound to the connection's event loop.
final class LaneExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = LaneExchange
    typealias OutboundOut = HTTPClientRequestPart

    static let maximumBodyBytes = 64 * 1024 * 1024

    private struct Current {
        let exchange: LaneExchange
        let timer: Scheduled<Void>
        var head: HTTPResponseHead?
        var body = ByteBuffer()
    }

    private let host: String
    private var current: Current?

    init(host: String) {
        self.host = host
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        let timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(exchange.timeout)) {
            [self, bound = context] in
            // The connection is closed: a late answer on it would be taken for the next request's.
            end(.failure(.timedOut(exchange.timeout)))
            bound.close(promise: nil)
        }
        current = Current(exchange: exchange, timer: timer)
        var head = HTTPRequestHead(version: .http1_1, method: exchange.request.method, uri: exchange.request.path)
        head.headers.add(name: "host", value: host)
        if let traceparent = exchange.request.traceparent {
            head.headers.add(name: TraceContext.name, value: traceparent)
        }
        if exchange.request.method == .POST {
            head.headers.add(name: "content-type", value: "application/json")
            head.headers.add(name: "content-length", value: String(exchange.request.body.readableBytes))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if exchange.request.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(exchange.request.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): current?.head = head
        case .body(var part):
            current?.body.writeBuffer(&part)
            if let current, current.body.readableBytes > Self.maximumBodyBytes {
                end(.failure(.bodyTooLarge(Self.maximumBodyBytes)))
                context.close(promise: nil)
            }
        case .end:
            guard let current, let head = current.head else { return }
            end(
                .success(LaneResponse(status: Int(head.status.code), headers: head.headers, body: current.body)),
                closing: head.isKeepAlive ? nil : context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(.connectionLost("the lane closed it")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(.connectionLost(inPlainWords(error))))
        context.close(promise: nil)
    }

    private func end(_ result: Result<LaneResponse, LaneTransportError>, closing context: ChannelHandlerContext? = nil)
    {
        guard let ended = current else { return }
        current = nil
        ended.timer.cancel()
        // Closed before the answer is given: whoever gets the answer gives an open connection back to be used again.
        context?.close(promise: nil)
        switch result {
        case .success(let response): ended.exchange.answer.succeed(response)
        case .failure(let error): ended.exchange.answer.fail(error)
        }
    }
}
