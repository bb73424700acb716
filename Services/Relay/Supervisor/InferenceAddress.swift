// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOPosix
package import Operations
import RelayClients

/// The one address for inference of a relay on this machine. Its socket outlives the routers that accept from it, and
/// its port is the same at the next start.
package struct InferenceAddress: Sendable {
    let socket: ListeningSocket
    /// Base URL for clients.
    let url: String

    /// Listens at the port that is set, else at that of the last time, else at a free one.
    /// - Parameter note: hears when it is another port than the last time.
    package static func open(
        _ layout: SuiteLayout, _ configuration: ProcessConfiguration, note: @Sendable (String) -> Void
    ) async throws -> InferenceAddress {
        let host = try configuration.routerHost ?? configuration.httpHost
        let wanted = try configuration.routerPort
        let last = wanted == 0 ? ProcessAddress.read(layout.inference)?.port : nil
        var socket: ListeningSocket?
        do {
            socket = try await bound(host, last ?? wanted)
        } catch let failure where last == nil {
            throw RelayFailure(failure.reason, remedy: failure.remedy)
        } catch {
            note("inference, at a new address: \(error.reason)")
        }
        let taken: ListeningSocket
        if let socket { taken = socket } else { taken = try await bound(host, 0) }
        let url = try configuration.routerEndpoint ?? ProcessAddress(host: host, port: taken.port).url
        let known = Known(host: host, port: taken.port, url: url)
        try JSONEncoder().encode(known).write(to: URL(filePath: layout.inference), options: .atomic)
        return InferenceAddress(socket: taken, url: url)
    }

    /// The address of a relay that runs on a data directory.
    package static func known(_ layout: SuiteLayout) -> String? {
        FileManager.default.contents(atPath: layout.inference)
            .flatMap { try? JSONDecoder().decode(Known.self, from: $0) }?.url
    }

    private struct Known: Codable {
        var host: String
        var port: Int
        var url: String
    }

    private static func bound(_ host: String, _ port: Int) async throws(ListeningSocket.Failure) -> ListeningSocket {
        try await .bound(host: host, port: port, setting: "RELAY_DEPLOY_ROUTER_PORT", isShared: true)
    }
}
