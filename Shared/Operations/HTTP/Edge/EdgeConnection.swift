// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// One connection of a server: its requests, one after the other.
struct EdgeConnection<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let responder: Responder
    let door: EdgeDoor
    let channel: Channel
    let logger: Logger

    /// Answers requests until one side has enough.
    func run() async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                let parts = RequestParts(inbound)
                try await serve(parts, outbound)
                // Closed at once, what is still on its way here would take the last answer away from the client; and
                // many a client that is still sending takes our end for the end of everything.
                channel.channel.triggerUserOutboundEvent(LastAnswerWritten(), promise: nil)
                var left = 2 * door.policy.bodyLimitBytes
                while parts.areWithinRequest, left >= 0, let part = try await parts.next() { left -= part.bodyBytes }
                outbound.finish()
                while left >= 0, let part = try await parts.next() { left -= part.bodyBytes }
                if parts.haveFailed { try await discard() }
            }
        } catch {
            logger.trace("a connection ended", metadata: ["reason": "\(error)"])
        }
    }

    /// Takes what still comes, until the client or the clock ends the connection: it is no HTTP any more.
    private func discard() async throws {
        try await channel.channel.setOption(.autoRead, value: true).get()
        try await channel.channel.closeFuture.get()
    }

    private func serve(_ parts: RequestParts, _ outbound: AnswerWriter.Outbound) async throws {
        do {
            while case .head(let head)? = try await parts.next() {
                guard try await exchange(head, parts, outbound) else { return }
            }
        } catch let error as HTTPParserError {
            let refusal = EdgeRefusal.unreadable(error)
            var response = door.answer(to: refusal)
            response.headers[.connection] = "close"
            try await AnswerWriter(response.nioHead(.http1_1), outbound).write(response)
        }
    }

    /// - Returns: Whether another request may follow.
    private func exchange(
        _ head: HTTPRequestHead, _ parts: RequestParts, _ outbound: AnswerWriter.Outbound
    ) async throws -> Bool {
        if let refusal = door.refusal(of: head, at: channel.channel.localAddress?.ipAddress) {
            try await write(door.answer(to: refusal, of: head), to: head, outbound, isLast: true)
            return false
        }
        if head.headers.contains(name: "expect") {
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        }
        let intake = BodyIntake(parts, limitBytes: door.policy.bodyLimitBytes, inFlight: door.bodies)
        defer { intake.release() }
        var response = await respond(to: head, intake)
        if let refusal = intake.refusal { response = door.answer(to: refusal, of: head) }
        let isLast =
            intake.refusal != nil || !head.isKeepAlive || head.version != .http1_1
            || response.headers[.connection] == "close"
        try await write(response, to: head, outbound, isLast: isLast)
        guard !isLast else { return false }
        return await intake.drain()
    }

    private func respond(to head: HTTPRequestHead, _ intake: BodyIntake) async -> Response {
        guard let plain = HTTPRequest(head) else {
            return door.answer(to: .malformed("the method or a field's name is not of HTTP's form"))
        }
        let request = Request(head: plain, body: RequestBody(asyncSequence: BoundedBody(intake: intake)))
        let source = ApplicationRequestContextSource(channel: channel.channel, logger: logger)
        do {
            return try await responder.respond(to: request, context: Responder.Context(source: source))
        } catch {
            if intake.refusal == nil {
                logger.warning("a request failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
            }
            return Response(status: .internalServerError)
        }
    }

    private func write(
        _ response: Response, to head: HTTPRequestHead, _ outbound: AnswerWriter.Outbound, isLast: Bool
    ) async throws {
        var response = response
        if isLast { response.headers[.connection] = "close" }
        response.headers[.date] = HTTPDate.now
        try await AnswerWriter(response.nioHead(head.version), outbound).write(response)
    }
}

extension HTTPServerRequestPart {
    fileprivate var bodyBytes: Int { if case .body(let bytes) = self { bytes.readableBytes } else { 0 } }
}

extension EdgeRefusal {
    static func unreadable(_ error: HTTPParserError) -> EdgeRefusal {
        guard error != .headerOverflow else {
            return EdgeRefusal(
                status: .requestHeaderFieldsTooLarge, reason: .malformed, message: "the request's head is too long")
        }
        return .malformed("this is not HTTP/1.1: \(error)")
    }
}
