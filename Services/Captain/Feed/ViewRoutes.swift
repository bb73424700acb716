// SPDX-License-Identifier: Apache-2.0

import Baton
import HTTPTypes
import Hummingbird
import LegRuntime
import NIOCore
import ServiceLifecycle

/// What people and programs may look at: the screen, its feed, and queries.
struct ViewRoutes: Sendable {
    let feed: LiveFeed
    let clock: any WallClock
    let remembered: Int

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { _, _ in Page.response() }
        router.get("/feed") { request, _ in try watch(request) }
        router.get("/batons") { _, _ in
            Response(json: JSON.encode(feed.answers(at: clock.now())))
        }
        router.get("/batons/:id") { _, context in
            let text = context.parameters.get("id") ?? ""
            guard let baton = BatonID(text) else { throw IntakeProblem.badIdentifier(text) }
            guard let answer = feed.answer(of: baton, at: clock.now()) else {
                throw IntakeProblem.notFound(text, remembered: remembered)
            }
            return Response(json: JSON.encode(answer))
        }
    }

    private func watch(_ request: Request) throws -> Response {
        let lastEventID = request.headers[.lastEventID]
        guard let subscription = feed.subscribe(lastEventID: lastEventID, at: clock.now()) else {
            throw IntakeProblem(
                status: .serviceUnavailable, code: .tooManyClients, message: "too many clients watch already",
                retryAfterSeconds: 5)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no"],
            body: ResponseBody { writer in
                for await event in subscription.events.cancelOnGracefulShutdown() {
                    try await writer.write(ByteBuffer(bytes: event))
                }
                try await writer.finish(nil)
            })
    }
}

extension HTTPField.Name {
    // The literals are valid tokens, so the optional initialiser gives names.
    static var lastEventID: Self { .init("Last-Event-ID").unsafelyUnwrapped }
    /// Keeps reverse proxies from holding events back.
    static var xAccelBuffering: Self { .init("X-Accel-Buffering").unsafelyUnwrapped }
}
