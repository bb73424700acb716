// SPDX-License-Identifier: Apache-2.0

import Baton
package import CaptainFeed
import CaptainIntake
import HTTPTypes
package import Hummingbird
package import LegRuntime
import NIOCore
import ServiceLifecycle
import Web

/// What people and programs may look at: the live feed, and queries.
package struct ViewRoutes: Sendable {
    let feed: LiveFeed
    let clock: any WallClock
    let remembered: Int

    /// - Parameter remembered: How many batons the view remembers, for the words of an answer.
    package init(feed: LiveFeed, clock: any WallClock, remembered: Int) {
        self.feed = feed
        self.clock = clock
        self.remembered = remembered
    }

    /// Adds the routes.
    package func add(to router: Router<BasicRequestContext>) {
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
            throw IntakeProblem.tooManyClients
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
    static var lastEventID: Self { unsafe .init("Last-Event-ID").unsafelyUnwrapped }
    /// Keeps reverse proxies from holding events back.
    static var xAccelBuffering: Self { unsafe .init("X-Accel-Buffering").unsafelyUnwrapped }
}
