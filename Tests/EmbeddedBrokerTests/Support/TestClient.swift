// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

@testable import EmbeddedBroker

/// A client that shares the codec with the broker, for tests of what the broker does.
final class TestClient: Sendable {
    struct ConnectionClosed: Error {}

    let channel: any Channel
    private let handler: NIOLoopBound<Correlator>

    init(_ address: BoundAddress) async throws {
        let (channel, handler) = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let correlator = Correlator()
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(AnswerDecoder()), correlator)
                    return (channel, NIOLoopBound(correlator, eventLoop: channel.eventLoop))
                }
            }
        self.channel = channel
        self.handler = handler
    }

    /// Sends a request and returns its answer.
    func send<Request: RequestMessage>(_ request: Request, version: Int16? = nil) async throws -> Request.Response {
        let version = version ?? Request.api.versions.upperBound
        let flexible = Request.api.isFlexible(version)
        let body = try await exchange(Self.frame(request, version: version))
        var decoder = WireDecoder(body, version: version, isFlexible: flexible)
        if Request.api.key != ApiVersionsRequest.api.key { try decoder.endStructure() }
        return try decoder.message()
    }

    /// Sends bytes as they are and returns what follows the next answer's correlation id.
    func exchange(_ frame: ByteBuffer) async throws -> ByteBuffer { try await begin(frame).get() }

    /// Sends bytes as they are and returns, once the system has them, the answer to come.
    func begin(_ frame: ByteBuffer) async throws -> EventLoopFuture<ByteBuffer> {
        try await channel.eventLoop.flatSubmit { [handler, channel] in
            guard channel.isActive else { return channel.eventLoop.makeFailedFuture(ConnectionClosed()) }
            let answer = channel.eventLoop.makePromise(of: ByteBuffer.self)
            handler.value.waiting.append(answer)
            // The end of the connection is told by the answer.
            return channel.writeAndFlush(frame).recover { _ in }.map { answer.futureResult }
        }.get()
    }

    func close() async throws { try await channel.close() }

    /// A whole request as it goes over the wire.
    static func frame(
        _ request: some RequestMessage, version: Int16, clientID: String = "test"
    ) throws -> ByteBuffer {
        let flexible = type(of: request).api.isFlexible(version)
        var head = ByteBuffer()
        head.writeInteger(type(of: request).api.key)
        head.writeInteger(version)
        head.writeInteger(Int32(7))
        head.writeInteger(Int16(clientID.utf8.count))
        head.writeString(clientID)
        if flexible { head.writeInteger(UInt8(0)) }
        var body = try Coding.encode(request, version: version, flexible: flexible)
        var frame = ByteBuffer(integer: Int32(head.readableBytes + body.readableBytes))
        frame.writeBuffer(&head)
        frame.writeBuffer(&body)
        return frame
    }
}

private final class Correlator: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var waiting: [EventLoopPromise<ByteBuffer>] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        frame.moveReaderIndex(forwardBy: 4)
        waiting.removeFirst().succeed(frame)
    }

    func channelInactive(context: ChannelHandlerContext) {
        for promise in waiting { promise.fail(TestClient.ConnectionClosed()) }
        waiting = []
    }
}

/// Cuts the broker's answers out of the stream.
private struct AnswerDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        guard let answer = buffer.readLengthPrefixedSlice(as: Int32.self) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(answer))
        return .continue
    }
}
