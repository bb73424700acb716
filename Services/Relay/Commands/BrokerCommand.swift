// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EmbeddedBroker
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

extension BrokerConfiguration.Fsync: ExpressibleByArgument {}

/// `relay broker`: the embedded broker as a process of its own.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Runs a one-machine broker that speaks the Kafka protocol.")

    @Option(help: "Directory of the log; created when missing.")
    var dataDirectory: String

    @Option(help: "Address to listen on, host:port; port 0 takes a free one.")
    var listen = "127.0.0.1:9092"

    @Option(help: "File to write the address to, as JSON, once the broker listens.")
    var addressFile: String?

    @Option(help: "When acknowledgements are given: after a shared sync to the device, or never synced.")
    var fsync = BrokerConfiguration.Fsync.groupCommit

    func validate() throws {
        _ = try address()
    }

    func run() async throws {
        let (host, port) = try address()
        var configuration = BrokerConfiguration(dataDirectory: dataDirectory, host: host, port: port)
        configuration.fsync = fsync
        let logger = Logger(label: "relay.broker") { StreamLogHandler.standardError(label: $0) }
        let file = addressFile
        let broker = EmbeddedBroker(configuration, logger: logger) { try Self.announce($0, in: file) }
        try await ServiceGroup(
            services: [broker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    private func address() throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), colon != listen.startIndex,
            let port = Int(listen[listen.index(after: colon)...]), (0...65535).contains(port)
        else {
            throw ValidationError("--listen '\(listen)' is not host:port, such as 127.0.0.1:9092")
        }
        return (String(listen[..<colon]), port)
    }

    private static func announce(_ bound: BoundAddress, in addressFile: String?) throws {
        // Written at once, also into a pipe: whoever started the broker may wait for this line.
        try FileHandle.standardOutput.write(contentsOf: Data("Broker listens on \(bound)\n".utf8))
        guard let addressFile else { return }
        let fields: [String: Any] = [
            "host": bound.host, "port": bound.port, "pid": ProcessInfo.processInfo.processIdentifier,
        ]
        try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys])
            .write(to: URL(filePath: addressFile), options: .atomic)
    }
}
