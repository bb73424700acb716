// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Baton
import Foundation
import Kafka

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
        let producer = try KafkaProducer(access.kafka, logger: access.logger)
        do {
            _ = try await producer.send(
                ProducerRecord(
                    topic: access.topics.inbox, key: Array(event.id.utf8), value: event.data,
                    headers: event.kafkaHeaders.map { KafkaHeader(name: $0.name, value: $0.value) }))
        } catch {
            await producer.close(timeout: .zero)
            throw error
        }
        await producer.close(timeout: .seconds(5))
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
        return CloudEvent(
            id: id, source: source, type: EventType.releaseRequested, subject: model, data: JSON.encode(request))
    }

    private func values() throws -> [String: JSONValue]? {
        guard !parameters.isEmpty else { return nil }
        var values: [String: JSONValue] = [:]
        for text in parameters {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw RelayFailure("--set \(text) is not NAME=VALUE", remedy: "write --set train.max_depth=4")
            }
            // What is not JSON is a plain string, as on a shell's command line.
            values[parts[0]] = (try? JSONValue.parse(Array(parts[1].utf8))) ?? .string(parts[1])
        }
        return values
    }
}
