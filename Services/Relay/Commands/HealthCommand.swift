// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Operations
import RelayClients

/// `relay health`: for container images that have no other HTTP client.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask one service whether it is ready.",
        discussion: """
            Exit code 0 when GET /health/ready answers 200; otherwise 1, with the parts that are not ready, and why, \
            on standard error.
            """)

    @Option(
        help: """
            Base URL of the service; without it, what RELAY_ADDRESS_FILE says, or RELAY_HTTP_PORT on this machine, or \
            port 8080.
            """)
    var url: String?

    @Option(help: "How long to wait for the answer: 500ms, 3s.")
    var timeout = TimeLimit(.seconds(3))

    func run() async throws {
        try await reporting {
            let base = try url ?? Self.address(.ofCommand())
            let answer: HTTPClient.Response
            do {
                answer = try await HTTPClient(timeout: timeout.duration).get(base + "/health/ready")
            } catch let error as HTTPClientError {
                throw RelayFailure(
                    "not ready: \(error.description)", remedy: "see that the service runs and listens there")
            }
            let problems = HealthAnswer.problems(status: answer.status, body: answer.body)
            guard problems.isEmpty else {
                problems.forEach { StandardErrorLines.write("not ready: \($0)") }
                throw ArgumentParser.ExitCode.failure
            }
        }
    }

    /// Where the service of the same environment listens.
    static func address(_ configuration: ProcessConfiguration) throws -> String {
        if let path = configuration.addressFile {
            guard let address = ProcessAddress.read(path) else {
                throw RelayFailure("not ready: it has not written \(path) yet", remedy: "wait for its start")
            }
            return ProcessAddress(host: reachable(address.host), port: address.port).url
        }
        let port = configuration.httpPort == 0 ? 8080 : configuration.httpPort
        return ProcessAddress(host: reachable(configuration.httpHost), port: port).url
    }

    /// What listens on every address is asked on this machine's own.
    private static func reachable(_ host: String) -> String {
        ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host
    }
}
