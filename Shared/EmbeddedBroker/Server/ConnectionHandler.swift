// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// One connection: requests start in the order in which they came, and their answers leave in that order.
///
/// At most `maximumInFlight` requests are under way; beyond that, and while answers wait for a slow client, nothing
/// more is read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private static let maximumInFlight = 16

    private let broker: BrokerHandle
    private let listener: BrokerConfiguration.Listener
    private let connections: ConnectionRegistry
    private let logger: Logger
    private var context: ChannelHandlerContext?
    private var id: UInt64 = 0
    private var clientHost = ""
    private var advertised: BoundAddress
    /// Requests read and not started.
    private var backlog = CircularBuffer<ByteBuffer>()
    /// Answers by request, oldest first; nil while the request is under way.
    private var answers = CircularBuffer<[ByteBuffer]?>()
    private var firstAnswer = 0
    private var wantsRead = false

    init(
        broker: BrokerHandle, listener: BrokerConfiguration.Listener, connections: ConnectionRegistry, logger: Logger
    ) {
        self.broker = broker
        self.listener = listener
        advertised = listener.advertised ?? BoundAddress(host: listener.host, port: listener.port)
        self.connections = connections
        self.logger = logger
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        id = connections.insert(context.channel)
        clientHost = "/" + (context.remoteAddress?.ipAddress ?? "")
        if listener.advertised == nil, let port = context.localAddress?.port {
            advertised = BoundAddress(host: listener.host, port: port)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connections.remove(id)
        let (broker, id) = (broker, id)
        broker.loop.execute { broker.broker.value.connectionClosed(id) }
        self.context = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        backlog.append(unwrapInboundIn(data))
        startRequests(context)
    }

    func read(context: ChannelHandlerContext) {
        if canStart(context) { context.read() } else { wantsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        startRequests(context)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("Connection closed", metadata: ["client": "\(clientHost)", "error": "\(error)"])
        context.close(promise: nil)
    }

    private func canStart(_ context: ChannelHandlerContext) -> Bool {
        answers.count < Self.maximumInFlight && context.channel.isWritable
    }

    private func startRequests(_ context: ChannelHandlerContext) {
        while canStart(context), let frame = backlog.popFirst() {
            do {
                try start(frame)
            } catch {
                logger.warning(
                    "Request refused, connection closed", metadata: ["client": "\(clientHost)", "error": "\(error)"])
                backlog.removeAll()
                context.close(promise: nil)
                return
            }
        }
        if wantsRead, canStart(context) {
            wantsRead = false
            context.read()
        }
    }

    private func start(_ frame: ByteBuffer) throws {
        let (header, body) = try RequestFrame.split(frame)
        guard let request = ServedAPIs.byKey[header.apiKey] else {
            throw RequestFrame.Refusal.unknownAPI(header.apiKey)
        }
        guard request.api.versions.contains(header.apiVersion) else {
            guard request == ApiVersionsRequest.self else {
                throw RequestFrame.Refusal.unsupportedVersion(request.api.name, header.apiVersion)
            }
            // The answer that every client understands, from which it learns the versions there are.
            let refusal = ApiVersionsResponse(error: .unsupportedVersion, apis: ServedAPIs.advertised)
            answers.append(try RequestFrame.response(refusal, ApiVersionsRequest.api, version: 0, header.correlationID))
            return flushAnswers()
        }
        try start(request, header, body)
    }

    private func start<Request: Served>(_: Request.Type, _ header: RequestHeader, _ body: ByteBuffer) throws {
        let flexible = Request.api.isFlexible(header.apiVersion)
        var decoder = WireDecoder(body, version: header.apiVersion, isFlexible: flexible)
        var request: Request = try decoder.request()
        request.prepare()
        let number = firstAnswer + answers.count
        let expectsResponse = request.expectsResponse
        if expectsResponse { answers.append(nil) }
        guard let loop = context?.eventLoop else { return }
        let connection = NIOLoopBound(self, eventLoop: loop)
        let origin = RequestContext(
            connection: id, version: header.apiVersion, clientID: header.clientID ?? "", clientHost: clientHost,
            advertised: advertised)
        let (broker, prepared) = (broker, request)
        broker.loop.execute {
            prepared.serve(on: broker.broker.value, context: origin) { response in
                guard expectsResponse else { return }
                loop.execute { connection.value.answer(number, response, Request.api, header) }
            }
        }
    }

    private func answer<Response: WireStructure>(
        _ number: Int, _ response: Response, _ api: API, _ header: RequestHeader
    ) {
        guard context != nil else { return }
        do {
            answers[answers.index(answers.startIndex, offsetBy: number - firstAnswer)] = try RequestFrame.response(
                response, api, version: header.apiVersion, header.correlationID)
        } catch {
            logger.error("Answer cannot be encoded", metadata: ["api": "\(api.name)", "error": "\(error)"])
            context?.close(promise: nil)
            return
        }
        flushAnswers()
    }

    private func flushAnswers() {
        guard let context else { return }
        var wrote = false
        while let answer = answers.first, let buffers = answer {
            answers.removeFirst()
            firstAnswer += 1
            for buffer in buffers { context.write(wrapOutboundOut(buffer), promise: nil) }
            wrote = true
        }
        if wrote {
            context.flush()
            startRequests(context)
        }
    }
}
