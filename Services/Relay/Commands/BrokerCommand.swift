// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EmbeddedBroker
import Foundation
import Logging
import RelayClients
import RelayTerminal
import ServiceLifecycle
import UnixSignals

/// `relay broker`: the embedded broker as a process of its own.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Runs a one-machine broker that speaks the Kafka protocol.")

    @Option(help: "Directory of the log; created when missing.")
    var dataDirectory: String

    @Option(
        help: """
            Address to listen on, host:port; port 0 takes a free one. host:port=host:port tells clients to connect to \
            the second one. May be repeated.
            """)
    var listen = ["127.0.0.1:9092"]

    @Option(help: "File to write the address to, as JSON, once the broker listens.")
    var addressFile: String?

    @Option(help: "When acknowledgements are given: after a shared sync to the device, or never synced.")
    var fsync = BrokerConfiguration.Fsync.groupCommit

    @Option(
        help: """
            The largest replication factor that a new topic may ask for; it gets one replica all the same. For tools \
            that are written for a larger cluster.
            """)
    var acceptedReplicationFactor: Int16 = 1

    @Option(help: "How long an empty group waits for more members, in milliseconds. Kafka's default is 3000.")
    var groupInitialRebalanceDelayMs: Int64 = 0

    @Option(name: .customLong("set"), help: "A broker setting by Kafka's name, name=value. May be repeated.")
    var settings: [String] = []

    @Option(
        help: """
            Sets damaged bytes of a log aside and ends: topic-partition@offset, as the broker's log and `relay doctor` \
            name them. They are kept in a file beside the log, and readers pass over their offsets. The broker must \
            not run.
            """)
    var setAside: String?

    func validate() throws {
        _ = try listeners()
        if let setAside { _ = try Self.place(setAside) }
        guard groupInitialRebalanceDelayMs >= 0 else {
            throw ValidationError("--group-initial-rebalance-delay-ms must be 0 or more")
        }
        guard acceptedReplicationFactor >= 1 else {
            throw ValidationError("--accepted-replication-factor must be 1 or more")
        }
        var configuration = BrokerConfiguration(dataDirectory: dataDirectory)
        try apply(settings, to: &configuration)
    }

    func run() async throws {
        try await reporting {
            if let setAside { return try Self.setAside(Self.place(setAside), in: dataDirectory) }
            try await serve()
        }
    }

    private func serve() async throws {
        var configuration = BrokerConfiguration(dataDirectory: dataDirectory)
        configuration.listeners = try listeners()
        configuration.fsync = fsync
        configuration.acceptedReplicationFactor = acceptedReplicationFactor
        configuration.groupInitialRebalanceDelay = .milliseconds(groupInitialRebalanceDelayMs)
        try apply(settings, to: &configuration)
        let logger = Logger(label: "relay.broker") { StreamLogHandler.standardError(label: $0) }
        let file = addressFile
        let broker = EmbeddedBroker(configuration, logger: logger) { try Self.announce($0, in: file) }
        try await ServiceGroup(
            services: [broker], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    private func apply(_ settings: [String], to configuration: inout BrokerConfiguration) throws {
        for text in settings {
            guard let sign = text.firstIndex(of: "=") else {
                throw ValidationError("--set '\(text)' is not name=value, such as max.connections=100")
            }
            do {
                try BrokerSettings.set(
                    String(text[..<sign]), to: String(text[text.index(after: sign)...]), in: &configuration)
            } catch {
                throw ValidationError("--set '\(text)': \(words(of: error))")
            }
        }
    }

    private func listeners() throws -> [BrokerConfiguration.Listener] {
        try listen.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let address = try Self.address(parts[0], in: text)
            let advertised = parts.count == 2 ? try Self.address(parts[1], in: text) : nil
            guard advertised?.port != 0 else {
                throw ValidationError("--listen '\(text)' tells clients to connect to port 0; name the real one")
            }
            return BrokerConfiguration.Listener(host: address.host, port: address.port, advertised: advertised)
        }
    }

    private static func address(_ part: Substring, in text: String) throws -> BoundAddress {
        guard let colon = part.lastIndex(of: ":"), colon != part.startIndex,
            let port = Int(part[part.index(after: colon)...]), (0...65535).contains(port)
        else {
            throw ValidationError(
                "--listen '\(text)' is not host:port, such as 127.0.0.1:9092, with or without =host:port behind it")
        }
        return BoundAddress(host: String(part[..<colon]), port: port)
    }

    private static func place(_ text: String) throws -> (partition: String, offset: Int64) {
        guard let sign = text.lastIndex(of: "@"), sign != text.startIndex, !text.contains("/"),
            let offset = Int64(text[text.index(after: sign)...]), offset >= 0
        else { throw ValidationError("--set-aside '\(text)' is not topic-partition@offset, such as orders-0@41") }
        return (String(text[..<sign]), offset)
    }

    private static func setAside(_ place: (partition: String, offset: Int64), in dataDirectory: String) throws {
        do {
            let outcome = try LogRepair.setAside(
                offset: place.offset, of: place.partition, in: dataDirectory)
            let given =
                outcome.offsets.count == 1
                ? "offset \(outcome.offsets.lowerBound)"
                : "offsets \(outcome.offsets.lowerBound) to \(outcome.offsets.upperBound - 1)"
            let kept = outcome.kept.map { "what was there is kept in \($0)" } ?? "what was there was all zeros"
            Terminal().line("\(place.partition): \(given) given up; \(kept)")
        } catch let refusal as LogRepair.Refusal {
            throw RelayFailure("nothing was set aside: \(refusal)", remedy: "name what the broker's log names")
        } catch let error as StorageError {
            throw RelayFailure(
                "nothing was set aside: \(words(of: error))", remedy: "stop the broker; then run this again")
        }
    }

    private static func announce(_ bound: [BoundAddress], in addressFile: String?) throws {
        // Written at once, also into a pipe: whoever started the broker may wait for this line.
        let words = bound.map(\.description).joined(separator: ", ")
        Terminal().line("Broker listens on \(words)")
        if let failure = CommandOutput.standard.failure { throw failure }
        guard let addressFile, let first = bound.first else { return }
        let fields: [String: Any] = [
            "host": first.host, "port": first.port, "pid": ProcessInfo.processInfo.processIdentifier,
            "listeners": bound.map { ["host": $0.host, "port": $0.port] as [String: Any] },
        ]
        try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys])
            .write(to: URL(filePath: addressFile), options: .atomic)
    }
}
