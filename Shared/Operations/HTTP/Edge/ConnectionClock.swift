// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Tells a connection's clock that nothing more will be answered.
struct LastAnswerWritten: Sendable {}

/// Keeps the time limits of one connection, and ends it between two requests when the server stops. Bound to the
/// connection's event loop.
final class ConnectionClock: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: EdgeLimits
    private var times: ConnectionTimes
    /// One timer for all limits: it fires at the earliest that was set, and looks what holds then.
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    private var stall: Scheduled<Void>?
    private var endsAfterAnswer = false

    init(_ limits: EdgeLimits) {
        self.limits = limits
        times = ConnectionTimes(limits, opened: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) { arm(context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: times.headRead(.now())
        case .body: break
        case .end: times.requestRead(.now())
        }
        arm(context)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        times.answered(.now())
        arm(context)
        guard endsAfterAnswer, times.unanswered == 0 else { return context.write(data, promise: promise) }
        // What waits in the channel would be lost with it.
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(data, promise: written)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is LastAnswerWritten else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        times.ending(.now())
        arm(context)
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        endsAfterAnswer = true
        if times.unanswered == 0 { context.close(promise: nil) }
    }

    /// A client that takes nothing of what waits for it holds memory and a connection.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable { watch(context, waiting: Self.waitingBytes(context)) }
        context.fireChannelWritabilityChanged()
    }

    private func watch(_ context: ChannelHandlerContext, waiting before: Int) {
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.stall)) {
            let waiting = Self.waitingBytes(context)
            guard waiting < before else { return context.close(promise: nil) }
            self.watch(context, waiting: waiting)
        }
    }

    private static func waitingBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func arm(_ context: ChannelHandlerContext) {
        guard let deadline = times.deadline?.at else { return }
        if let timer, timer.at <= deadline { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.look(context)
        }
        timer = (deadline, task)
    }

    private func look(_ context: ChannelHandlerContext) {
        guard let (deadline, expiry) = times.deadline else { return }
        guard deadline <= .now() else { return arm(context) }
        switch expiry {
        case .silent: context.close(promise: nil)
        case .bodyTooSlow:
            times.bodyGivenUp()
            context.fireErrorCaught(EdgeRefusal.tooSlow(limits.body))
        }
    }

    private func stop() {
        timer?.task.cancel()
        stall?.cancel()
        (timer, stall) = (nil, nil)
    }
}
