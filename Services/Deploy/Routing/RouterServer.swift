// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The listener for inference traffic, apart from the one for operations: the two are exposed to different people.
struct RouterServer: Service {
    let routes: RouterRoutes
    let host: String
    let port: Int
    /// Where it listens, once it does.
    let bound: Watched<Int?>
    let logger: Logger

    func run() async throws {
        let router = Router()
        routes.add(to: router)
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in bound.update { $0 = channel.localAddress?.port } }, logger: quiet)
        try await application.run()
    }
}
