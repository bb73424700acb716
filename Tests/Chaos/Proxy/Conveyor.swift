// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One direction of a proxied connection: takes what its own channel reads, and writes it to the partner when the
/// link's conditions let it. Reads nothing more while much is under way, so memory stays bounded.
final class Conveyor: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let limitBytes = 256 << 10

    private let link: Link.State
    private let direction: Direction
    private var context: ChannelHandlerContext?
    private var queue = CircularBuffer<(bytes: ByteBuffer, due: Int64)>()
    private var queuedBytes = 0
    private var pace = Pace()
    private var timer: Scheduled<Void>?
    private var hasEnded = false
    /// The other end; set before the first read.
    var partner: (any Channel)?

    init(link: Link.State, direction: Direction) {
        self.link = link
        self.direction = direction
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        queuedBytes += bytes.readableBytes
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        queue.append((bytes, pace.due(bytes: bytes.readableBytes, now: now, link.conditions)))
    }

    func channelReadComplete(context: ChannelHandlerContext) { move() }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        move()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // This channel takes bytes again: whoever feeds it may go on.
        feeder?.move()
        context.fireChannelWritabilityChanged()
    }

    /// The conveyor of the other direction.
    weak var feeder: Conveyor?

    /// The link's conditions are others now: what waits is judged anew.
    func conditionsChanged() {
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        pace.clear()
        for index in queue.indices {
            queue[index].due = pace.due(bytes: queue[index].bytes.readableBytes, now: now, link.conditions)
        }
        move()
    }

    /// Passes on what is due, and reads on.
    func move() {
        guard let partner, !link.conditions.held.contains(direction) else { return }
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        var hasWritten = false
        while let first = queue.first, first.due <= now, partner.isWritable {
            queue.removeFirst()
            queuedBytes -= first.bytes.readableBytes
            partner.write(first.bytes, promise: nil)
            hasWritten = true
        }
        if hasWritten { partner.flush() }
        if let first = queue.first, first.due > now {
            schedule(after: .nanoseconds(first.due - now))
        } else if queue.isEmpty, hasEnded {
            link.conveyors[ObjectIdentifier(self)] = nil
            return partner.close(promise: nil)
        }
        if queuedBytes < Self.limitBytes, !hasEnded { context?.read() }
    }

    private func schedule(after delay: TimeAmount) {
        timer?.cancel()
        timer = partner?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in self?.move() }
    }
}
