// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// One connection: requests start in the order in which they came, and their answers leave in that order.
///
/// At most `maximumInFlight` requests are under way, one of them a fetch; beyond that, while answers wait for a slow
/// client, and while all requests together hold too much memory, nothing more is read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = IOData

    static let maximumInFlight = 16

    private let broker: BrokerHandle
    private let listener: BrokerConfiguration.Listener
    private let connections: ConnectionRegistry
    private let logger: Logger
    private var context: ChannelHandlerContext?
    private var id: UInt64 = 0
    private var address = ""
    private var advertised: BoundAddress
    private var frames: FrameDecoder
    /// Bytes reserved for the next request, which has not come whole or has not started.
    private var reserved: Int?
    private var isWaitingForMemory = false
    /// A fetch that waits for the end of the one before.
    private var heldFetch: ByteBuffer?
    private var exchanges = ExchangeQueue()
    private var wantsRead = false
    private var isStarting = false
    private var watch = ConnectionWatch(now: .now())
    private(set) var openSince = NIODeadline.now()
    private(set) var hasSentRequest = false

    var clientHost: String { "/" + address }

    init(
        broker: BrokerHandle, listener: BrokerConfiguration.Listener, connections: ConnectionRegistry, logger: Logger
    ) {
        self.broker = broker
        self.listener = listener
        advertised = listener.advertised ?? BoundAddress(host: listener.host, port: listener.port)
        self.connections = connections
        self.logger = logger
        frames = FrameDecoder(limit: connections.limits.socketRequestMaxBytes)
    }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        address = context.remoteAddress?.ipAddress ?? ""
        openSince = context.eventLoop.now
        watch = ConnectionWatch(now: openSince)
        guard let id = connections.insert(self, address: address) else {
            context.close(promise: nil)
            return
        }
        self.id = id
        self.context = context
        if listener.advertised == nil, let port = context.localAddress?.port {
            advertised = BoundAddress(host: listener.host, port: port)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// Gives back all that the connection holds.
    private func end() {
        guard context != nil else { return }
        context = nil
        connections.remove(id, address: address)
        let held = exchanges.requestBytes + (isWaitingForMemory ? 0 : reserved ?? 0)
        if held > 0 { connections.release(held) }
        (reserved, heldFetch, frames) = (nil, nil, FrameDecoder(limit: 0))
        exchanges = ExchangeQueue()
        let (broker, id) = (broker, id)
        broker.loop.execute { broker.broker.value.connectionClosed(id) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("Connection closed", metadata: ["client": "\(clientHost)", "error": "\(error)"])
        context.close(promise: nil)
    }

    /// Ends the connection; nil when it has ended.
    @discardableResult
    func close() -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        end()
        context.close(promise: nil)
        return context.channel.closeFuture
    }

    func overdue(now: NIODeadline, isMemoryExhausted: Bool) -> ConnectionWatch.Overdue? {
        guard let context else { return nil }
        var sight = ConnectionWatch.Sight()
        sight.incompleteBytes = frames.bufferedBytes
        sight.isReading = mayStart(context) && !isWaitingForMemory
        sight.requestsUnderWay = exchanges.count
        sight.isMemoryExhausted = isMemoryExhausted
        sight.areAnswersExhausted = connections.answers.isExhausted
        do {
            sight.unwrittenBytes = try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            // The channel has closed and will say so.
            return nil
        }
        return watch.overdue(sight, now: now, limits: connections.limits)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.receive(unwrapInboundIn(data))
        startRequests(context, afterRead: true)
    }

    func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { wantsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        startRequests(context)
        context.fireChannelWritabilityChanged()
    }

    /// The reservation that was asked for is there.
    func memoryGranted() {
        guard let context, isWaitingForMemory else { return }
        isWaitingForMemory = false
        startRequests(context)
    }

    private func mayStart(_ context: ChannelHandlerContext) -> Bool {
        exchanges.count < Self.maximumInFlight && heldFetch == nil && context.channel.isWritable
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool { mayStart(context) && !isWaitingForMemory }

    private func startRequests(_ context: ChannelHandlerContext, afterRead: Bool = false) {
        // An answer that is there at once leads here again; the loop below goes on with what it made possible.
        guard self.context != nil, !isStarting else { return }
        isStarting = true
        defer { isStarting = false }
        var started = false
        do {
            while let frame = try nextFrame(context) {
                started = true
                hasSentRequest = true
                try start(frame)
            }
        } catch {
            connections.log(.requestRefused, ["client": "\(clientHost)", "error": "\(error)"])
            close()
            return
        }
        if afterRead || started {
            watch.received(
                now: context.eventLoop.now, completedRequest: started, isIncomplete: frames.bufferedBytes > 0)
        }
        frames.release()
        if wantsRead, mayRead(context) {
            wantsRead = false
            context.read()
        }
    }

    /// The next request that may start.
    private func nextFrame(_ context: ChannelHandlerContext) throws -> ByteBuffer? {
        if let frame = heldFetch {
            guard exchanges.fetchesUnderWay == 0, exchanges.count < Self.maximumInFlight, context.channel.isWritable
            else { return nil }
            heldFetch = nil
            return frame
        }
        guard mayStart(context), !isWaitingForMemory else { return nil }
        if reserved == nil {
            guard let length = try frames.announcedLength() else { return nil }
            reserved = length
            guard connections.reserve(length, for: id, isItsOnlyOne: exchanges.isEmpty) else {
                isWaitingForMemory = true
                return nil
            }
        }
        guard let length = reserved, let frame = frames.next(length: length) else { return nil }
        if exchanges.fetchesUnderWay > 0, RequestFrame.apiKey(of: frame) == FetchRequest.api.key {
            heldFetch = frame
            return nil
        }
        return frame
    }

    // MARK: Serving

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
            let answer = try RequestFrame.response(
                refusal, ApiVersionsRequest.api, version: 0, header.correlationID)
            return finish(begin(isFetch: false), answer)
        }
        try start(request, header, body)
    }

    private func start<Request: Served>(_: Request.Type, _ header: RequestHeader, _ body: ByteBuffer) throws {
        let flexible = Request.api.isFlexible(header.apiVersion)
        var decoder = WireDecoder(body, version: header.apiVersion, isFlexible: flexible)
        var request: Request = try decoder.request()
        request.prepare()
        guard let loop = context?.eventLoop else { return }
        let number = begin(isFetch: Request.api.key == FetchRequest.api.key)
        let expectsResponse = request.expectsResponse
        let connection = NIOLoopBound(self, eventLoop: loop)
        let origin = RequestContext(
            connection: id, version: header.apiVersion, clientID: header.clientID ?? "", clientHost: clientHost,
            advertised: advertised)
        let (broker, prepared) = (broker, request)
        broker.loop.execute {
            prepared.serve(on: broker.broker.value, context: origin) { response in
                loop.execute {
                    connection.value.answer(number, expectsResponse ? response : nil, Request.api, header)
                }
            }
        }
    }

    /// A request is under way from here on, and what was reserved for it is its own.
    private func begin(isFetch: Bool) -> Int {
        defer { reserved = nil }
        return exchanges.begin(requestBytes: reserved ?? 0, isFetch: isFetch)
    }

    private func answer<Response: WireStructure>(
        _ number: Int, _ response: Response?, _ api: API, _ header: RequestHeader
    ) {
        guard context != nil else { return }
        do {
            let answer = try response.map {
                try RequestFrame.response($0, api, version: header.apiVersion, header.correlationID)
            }
            finish(number, answer ?? [])
        } catch {
            logger.error("Answer cannot be encoded", metadata: ["api": "\(api.name)", "error": "\(error)"])
            close()
        }
    }

    private func finish(_ number: Int, _ answer: [WirePiece]) {
        connections.release(exchanges.finish(number, answer))
        writeAnswers()
    }

    private func writeAnswers() {
        guard let context else { return }
        var wrote = false
        while let answer = exchanges.nextAnswer() {
            connections.answers.write(answer, to: context)
            wrote = true
        }
        guard wrote else { return }
        watch.answered(now: context.eventLoop.now)
        context.flush()
        startRequests(context)
    }
}
