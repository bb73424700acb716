// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka
import RelayClients
import RelaySupervisor
import RelayTerminal

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Ask for a release, as any external system would.",
        discussion: "The same --source and --id are the same baton, however often they are published.")

    @OptionGroup var captain: CaptainOptions
    @OptionGroup var request: RequestOptions

    @Option(help: "CloudEvents id; a new one unless given.")
    var id: String?

    @Option(help: "CloudEvents source.")
    var source = "relay-cli"

    @OptionGroup var kafka: KafkaOptions

    @Flag(help: "Publish straight to Kafka instead of over HTTP, as with --bootstrap-servers, or where no captain is.")
    var direct = false

    func run() async throws {
        try await reporting {
            let event = try request.event(source: source, id: id ?? UUID().uuidString.lowercased())
            if try isDirect() {
                try await publish(event, to: kafka.access("relay-publish", captain.suite.layout))
                Terminal().line("\(BatonID(source: event.source, id: event.id))")
            } else {
                Terminal().line("\(try await captain.client().publish(event))")
            }
        }
    }

    private func isDirect() throws -> Bool {
        if direct || kafka.bootstrapServers != nil { return true }
        return try !captain.isKnown && kafka.namesKafka()
    }

    private func publish(_ event: CloudEvent, to access: KafkaAccess) async throws {
        try await access.kafka.withProducer(logger: access.logger, flushTimeout: .seconds(5)) { producer in
            _ = try await producer.send(
                ProducerRecord(
                    topic: access.topics.inbox, key: Array(event.id.utf8), value: event.data,
                    headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) }))
        }
    }
}

/// What is to be released.
struct RequestOptions: ParsableArguments {
    @Option(name: .customLong("project"), help: "A project directory that the pipeline service can read.")
    var directory: String?

    @Option(help: "A git URL that the pipeline service can read; needs --commit.")
    var git: String?

    @Option(help: "The commit to release.")
    var commit: String?

    @Option(help: "Where the project is inside the repository.")
    var path: String?

    @Option(help: "The model that the project declares.")
    var model: String?

    @Option(help: "Who asks.")
    var requester = LocalGovernance.requester(ProcessInfo.processInfo.environment)

    @Option(help: "Why.")
    var reason: String?

    @Option(
        name: .customLong("set"), help: "A parameter in place of the project's own: train.max_depth=4. May be repeated."
    )
    var parameters: [String] = []

    func event(source: String, id: String) throws -> CloudEvent {
        let current = FileManager.default.currentDirectoryPath
        let absolute = directory.map {
            $0.hasPrefix("/") ? $0 : URL(filePath: current + "/" + $0).standardizedFileURL.path
        }
        guard let model = try model ?? absolute.map(DeclaredModel.name) else {
            throw RelayFailure(
                "--model is missing", remedy: "name the model that the project declares in its relay.yaml")
        }
        let request = ReleaseRequest(
            project: .init(directory: absolute, git: git, commit: commit, path: path), model: model,
            requester: requester,
            reason: reason, parameters: try values())
        return try Self.checked(
            CloudEvent(
                id: id, source: source, type: EventType.releaseRequested, subject: model, data: JSON.encode(request)))
    }

    /// The event, unless the captain would not take it: by Kafka nobody would say so.
    private static func checked(_ event: CloudEvent) throws -> CloudEvent {
        do {
            let headers = event.kafkaHeaders.map { (name: $0.name, value: Optional($0.value)) }
            _ = try ReleaseRequest.read(CloudEvent(kafkaHeaders: headers, value: event.data))
            return event
        } catch {
            throw RelayFailure(
                "this cannot be asked for: \(error.problems.joined(separator: "; "))",
                remedy: "mend what is named and publish again")
        }
    }

    private func values() throws -> [String: JSONValue]? {
        guard !parameters.isEmpty else { return nil }
        var values: [String: JSONValue] = [:]
        for text in parameters {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw RelayFailure("--set \(text) is not NAME=VALUE", remedy: "write --set train.max_depth=4")
            }
            guard values[parts[0]] == nil else {
                throw RelayFailure("--set gives \(parts[0]) twice", remedy: "leave one of them out")
            }
            values[parts[0]] = try Self.value(parts[1], of: parts[0])
        }
        return values
    }

    /// What is not JSON is a plain text, as on a shell's command line; what is, and cannot be carried, is refused.
    static func value(_ text: String, of name: String) throws -> JSONValue {
        do {
            return try JSONValue.parse(text.utf8)
        } catch {
            let isMeant = ["{", "[", "\""].contains { text.hasPrefix($0) } || JSONValue.isJSON(text.utf8)
            guard isMeant else { return .string(text) }
            throw RelayFailure(
                "--set \(name): \(error.problems.joined(separator: "; "))",
                remedy: "a text that begins like JSON is written in its quotes: --set '\(name)=\"[x\"'")
        }
    }
}
