// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import Synchronization

/// The bytes of bodies that a server holds, over all its connections.
final class BodiesInFlight: Sendable {
    private let limit: Int
    private let held = Atomic(0)

    init(limit: Int) { self.limit = limit }

    var bytes: Int { held.load(ordering: .relaxed) }

    /// Whether so much would fit now; promises nothing.
    func fits(_ bytes: Int) -> Bool { self.bytes + bytes <= limit }

    /// Takes room, or none when there is not enough.
    func take(_ bytes: Int) -> Bool {
        guard held.add(bytes, ordering: .relaxed).newValue > limit else { return true }
        held.subtract(bytes, ordering: .relaxed)
        return false
    }

    func give(_ bytes: Int) { held.subtract(bytes, ordering: .relaxed) }
}

/// The parts of the requests of one connection.
///
/// Unchecked: the iterator is used by one task at a time. The flag makes sure of it: whoever comes while another one
/// reads gets an error and touches nothing.
final class RequestParts: @unchecked Sendable {
    typealias Stream = NIOAsyncChannelInboundStream<HTTPServerRequestPart>

    private var iterator: Stream.AsyncIterator
    private let isRead = Atomic(false)
    private let isBroken = Atomic(false)
    private let isWithin = Atomic(false)

    init(_ stream: Stream) { iterator = stream.makeAsyncIterator() }

    func next() async throws -> HTTPServerRequestPart? {
        guard !isRead.exchange(true, ordering: .acquiring) else { throw ReadByTwo() }
        var current = iterator
        defer {
            iterator = current
            isRead.store(false, ordering: .releasing)
        }
        do {
            let part = try await current.next()
            switch part {
            case .head: isWithin.store(true, ordering: .relaxed)
            case .body: break
            case .end, nil: isWithin.store(false, ordering: .relaxed)
            }
            return part
        } catch {
            isBroken.store(true, ordering: .relaxed)
            throw error
        }
    }

    /// Whether a request has begun and not ended.
    var areWithinRequest: Bool { isWithin.load(ordering: .relaxed) && !haveFailed }
    /// Whether what came is not HTTP, or came too late: nothing more will be read.
    var haveFailed: Bool { isBroken.load(ordering: .relaxed) }

    struct ReadByTwo: Error {}
}

/// The body of one request as it comes in, within the limits. It has room from the server until it is released.
final class BodyIntake: Sendable {
    private struct State {
        var bytes = 0
        var isWhole = false
        var isOver = false
        var refusal: EdgeRefusal?
    }

    private let parts: RequestParts
    private let limitBytes: Int
    private let inFlight: BodiesInFlight
    private let state = Mutex(State())

    init(_ parts: RequestParts, limitBytes: Int, inFlight: BodiesInFlight) {
        self.parts = parts
        self.limitBytes = limitBytes
        self.inFlight = inFlight
    }

    /// Why it was not taken to its end.
    var refusal: EdgeRefusal? { state.withLock { $0.refusal } }
    /// Whether nothing more comes of it, for whatever reason.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The next bytes; nil at the end.
    /// - Throws: `EdgeRefusal` when it is not taken, and what the connection's end throws.
    func next() async throws -> ByteBuffer? {
        if isOver { return nil }
        do {
            switch try await parts.next() {
            case .body(let buffer):
                try admit(buffer.readableBytes)
                return buffer
            case .end:
                state.withLock { ($0.isWhole, $0.isOver) = (true, true) }
                return nil
            case .head, nil: throw ChannelError.eof
            }
        } catch {
            let refusal = Self.refusal(of: error)
            state.withLock {
                $0.isOver = true
                $0.refusal = $0.refusal ?? refusal
            }
            throw refusal ?? error
        }
    }

    /// Reads what is left and forgets it.
    /// - Returns: Whether the request was whole, so that another one may follow.
    func drain() async -> Bool {
        do {
            while try await next() != nil {}
        } catch {
            return false
        }
        return state.withLock { $0.isWhole }
    }

    /// Gives the room back.
    func release() {
        let bytes = state.withLock { state in
            defer { state.bytes = 0 }
            return state.bytes
        }
        inFlight.give(bytes)
    }

    private func admit(_ count: Int) throws(EdgeRefusal) {
        let total = state.withLock { $0.bytes } + count
        guard total <= limitBytes else { throw .tooLarge(limitBytes: limitBytes) }
        guard inFlight.take(count) else { throw .bodiesInFlight }
        state.withLock { $0.bytes = total }
    }

    private static func refusal(of error: any Error) -> EdgeRefusal? {
        switch error {
        case let refusal as EdgeRefusal: refusal
        case is HTTPParserError: .malformed("the body is not of the form that the head says")
        default: nil
        }
    }
}

/// A body for those who read it.
struct BoundedBody: AsyncSequence, Sendable {
    let intake: BodyIntake

    struct AsyncIterator: AsyncIteratorProtocol {
        let intake: BodyIntake

        func next() async throws -> ByteBuffer? { try await intake.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(intake: intake) }
}
